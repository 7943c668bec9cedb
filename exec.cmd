@rem package.json's scripts say "exec" so that signals sent to npm reach Node where npm starts scripts by a POSIX shell. Windows has no such word.
@%*
