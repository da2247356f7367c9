"""The program that watches cameras and writes facts."""
