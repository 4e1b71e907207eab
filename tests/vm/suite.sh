# shellcheck shell=bash
# Sourced: Debian's packages of any suite, by the ordinary apt, beside the machine's own lists and packages and without root.

# open_suite FOLDER SUITE...: `suite_apt` and `suite_cache` work on SUITE from now on, with all their files in FOLDER.
open_suite() {
  local folder=$1 mirror suite
  mkdir -p "$folder"/{lists/partial,cache/archives/partial,parts,preferences}
  : >"$folder/status" # no package counts as installed
  # shellcheck disable=SC2016  # apt's word, not the shell's
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | head -n 1)
  for suite in "${@:2}"; do
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror:-http://deb.debian.org/debian} $suite main"
  done >"$folder/parts/suite.list"
  suite_options=(-qq -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$folder/parts"
    -o "Dir::Etc::preferencesparts=$folder/preferences" -o "Dir::State::lists=$folder/lists" -o "Dir::State::status=$folder/status"
    -o "Dir::Cache=$folder/cache" -o Debug::NoLocking=1 -o "APT::Sandbox::User=$(id -un)" -o APT::Architectures::=amd64)
  suite_apt update || return
}

suite_apt() { apt-get "${suite_options[@]}" "$@"; }
suite_cache() { apt-cache "${suite_options[@]}" "$@"; }
