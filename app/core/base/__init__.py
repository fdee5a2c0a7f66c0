"""What every capability uses and what knows none of them: ids, patterns, words for numbers and times, findings, waits."""
