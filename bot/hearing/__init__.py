"""What is made of the words of a voice: marked keywords, a gist of its own sentences, titles and names that were said. Pure functions."""
