"""`python -m course`."""

from course.main import main

main()
