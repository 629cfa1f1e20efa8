"""Pure judgement of evidence: place, device, media, amounts; no I/O, no clock."""
