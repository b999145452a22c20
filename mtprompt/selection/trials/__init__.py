"""Examples on trial: candidates and dev set, the search among them, and its outcome."""
