#!/bin/sh
set -eu
echo starting
python -m app
