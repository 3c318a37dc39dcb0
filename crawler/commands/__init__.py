"""crawler/commands"""
