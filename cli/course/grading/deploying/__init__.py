"""Reading what a service is deployed with, the way the tools of the trade read it."""
