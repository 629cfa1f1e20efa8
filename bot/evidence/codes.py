"""Every reason code of the judgement, each put into words by `templates/reply/reason.txt.j2`. Values are named in the comments."""

from enum import StrEnum


class Code(StrEnum):
    """A code never changes its meaning: it stands in ledger entries."""

    # where: about a check, an item or an action
    PLACE_IN = "place.in"  # distance_m, radius_m, site (its name), accuracy_m (or null)
    PLACE_OUT = "place.out"  # distance_m, radius_m, site, accuracy_m
    PLACE_UNCERTAIN = "place.uncertain"  # distance_m, radius_m, site, accuracy_m: the accuracy circle crosses the edge, a director decides
    PLACE_EXCEPTED = "place.excepted"  # distance_m, radius_m, site, accuracy_m: not inside, but a director let it pass
    PLACE_NO_SITE = "place.no_site"  # the customer has no approved place with usable coordinates
    PLACE_PROBLEM = "place.problem"  # problem: zero | swapped | range | nan
    PLACE_NONE = "place.none"  # no position known, and none needed
    PLACE_ONLINE = "place.online"  # an online action: needs the time only
    PLACE_FIXES = "place.fixes"  # count, distance_m: the page measured so many times, so far apart
    PLACE_READING = "place.reading"  # waits for the native check-in records of this moment to be read
    PLACE_NO_CHECK = "place.no_check"  # no presence check at this customer before it
    PLACE_CHECK_LATER = "place.check_later"  # minutes: the check came this long after it
    PLACE_WINDOW_OVER = "place.window_over"  # minutes: the last check's window had been closed for so long

    # with what: about a check
    DEVICE_MATCH = "device.match"  # the device on file
    DEVICE_MISMATCH = "device.mismatch"  # another device than the one on file
    DEVICE_UNKNOWN = "device.unknown"  # nobody approved this device yet: waits for the director
    DEVICE_REJECTED = "device.rejected"  # the director said no to this device
    DEVICE_ABSENT = "device.absent"  # this kind of message carries no device, and one is required
    DEVICE_NONE = "device.none"  # it carries no device, and none is required
    DEVICE_RECORDED = "device.recorded"  # noted only, by config

    # the file itself: about an item
    PHOTO_UNDECODABLE = "photo.undecodable"
    PHOTO_BOMB = "photo.bomb"  # more pixels than any camera has
    PHOTO_EMPTY = "photo.empty"
    PHOTO_AGAIN = "photo.again"  # the same photo was sent in this visit before
    PHOTO_REUSED = "photo.reused"  # at, rep_name, customer_name, record: these very bytes were sent before
    PHOTO_ALIKE = "photo.alike"  # at, rep_name, customer_name, record: a copy of a photo that was sent before
    PHOTO_TAKEN = "photo.taken"  # hours: its camera's time lies so far from the message; a hint, it counts all the same
    PHOTO_ELSEWHERE = "photo.elsewhere"  # distance_m: its camera's position lies so far from the check; a hint
    VOICE_UNDECODABLE = "voice.undecodable"
    VOICE_CUT = "voice.cut"  # the recording breaks off
    VOICE_EMPTY = "voice.empty"
    VOICE_SHORT = "voice.short"  # seconds, want (seconds): too short for this stage, still good for closing
    VOICE_LONG = "voice.long"  # seconds, want (seconds): longer than its scene allows
    FILE_EMPTY = "file.empty"
    APPEAL_ACCEPTED = "appeal.accepted"  # a director let it count
    CONSENT_MISSING = "consent.missing"  # not agreed to yet: not fetched
    CONSENT_WITHDRAWN = "consent.withdrawn"  # agreement withdrawn: not fetched
    MEDIA_LOST = "media.lost"  # problem: expired | missing | refused | too_large | unavailable
    STAGE_NONE = "stage.none"  # waits until the rep names the stage

    # what is still missing: about an action
    MISSING_PHOTO = "missing.photo"  # have, want
    MISSING_VOICE = "missing.voice"  # have, want: seconds of the longest clip, seconds asked
    MISSING_SIGNATURE = "missing.signature"  # have, want
    MISSING_DECK = "missing.deck"  # have, want
    MISSING_FILE = "missing.file"  # have, want
    MISSING_ANY = "missing.any"  # kinds: one of photo | voice | signature | deck | file; empty = any item at all
    MISSING_DECIDER = "missing.decider"  # this kind asks for a registered decider at the customer
    ITEMS_PENDING = "items.pending"  # count
    ITEMS_QUARANTINED = "items.quarantined"  # count
    ITEMS_REFUSED = "items.refused"  # count
    ITEMS_LOST = "items.lost"  # count

    # what speaks against a position: noted with its check
    SIGN_API = "sign.api"  # the record was written by a program
    SIGN_SPEED = "sign.speed"  # distance_m, minutes: since the latest earlier position; nobody travels so fast
    SIGN_CONTRADICTION = "sign.contradiction"  # distance_m, minutes: another source said otherwise a moment ago
    SIGN_FROZEN = "sign.frozen"  # days: so many earlier days with the same coordinates to the last digit
    SIGN_JITTER = "sign.jitter"  # distance_m: fixes of one minute lie so far apart
    SIGN_COARSE = "sign.coarse"  # accuracy_m
    SIGN_UNUSUAL_DEVICE = "sign.unusual_device"  # the platform's own flag
    SIGN_UNUSUAL_PLACE = "sign.unusual_place"  # the platform's own flag
    SIGN_SECURITY = "sign.security"  # the platform's security check refused the record
    SIGN_WIFI = "sign.wifi"  # the platform's own flag
    SIGN_TIME = "sign.time"  # the platform's own flag
    SIGN_SKEW = "sign.skew"  # minutes: the platform's time lies after our receipt
    SIGN_FEW = "sign.few"  # count: the page measured less than three different positions
    SIGN_LATE = "sign.late"  # at, received_at: the page had no network, it came later than it was made
    SIGN_NO_CAMERA = "sign.no_camera"  # none of the counted photos is from the page's own camera
    SIGN_BRIEF = "sign.brief"  # seconds: the action was over so soon

    # how strong the proof of place is: about an action
    TIER_WORDS = "tier.words"  # T0
    TIER_PIN = "tier.pin"  # T1: the rep placed the pin himself
    TIER_POSITION = "tier.position"  # T2: the client reported it, without the known device
    TIER_PAGE = "tier.page"  # T3
    TIER_RECORD = "tier.record"  # T4: native check-in record from the known device
    TIER_CAPPED = "tier.capped"  # tier: what the signs left of it
