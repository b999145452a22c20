"""Metrics: BLEU, chrF, chrF++ and TER by sacreBLEU, COMET by unbabel-comet; each with its signature."""
