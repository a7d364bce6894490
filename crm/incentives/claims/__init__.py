"""From an estimate to money: cases with their states, deadlines, evidence and papers."""
