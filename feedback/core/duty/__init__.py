"""In the customer's shoes: who takes which turn, and when.

picking.py chooses; programmes, turns, visits and what is learnt on them are still to come.
"""

from feedback.core.duty.picking import Member, Picked, Plan, Slot, pick

__all__ = ["Member", "Picked", "Plan", "Slot", "pick"]
