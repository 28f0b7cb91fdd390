"""``evercase doctor``: is it well?"""
