# Shared by the scripts: where things are, and what they need on a machine that has only the .NET SDK.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
artifacts=$root/artifacts

# need COMMAND PACKAGE…: installs the Debian packages when the command is missing.
need() {
  local command=$1
  shift
  command -v "$command" >/dev/null 2>&1 && return
  if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" != 0 ]; then
    echo "$command is missing: install $*" >&2
    exit 1
  fi
  echo "installing $*" >&2
  [ -n "${apt_updated:-}" ] || apt-get update -qq >&2
  apt_updated=1
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# step NAME COMMAND…: runs it and says how long it took.
step() {
  local name=$1 began=$SECONDS
  shift
  echo "==> $name"
  "$@"
  echo "    $name: $((SECONDS - began)) s"
}

# simulate FOLDER ARGUMENT…: starts the simulator, keeps its log in the folder, and puts where it answers into the environment.
# Its process id is in $simulator_pid; whoever calls stops it.
simulate() {
  local folder=$1 program=$artifacts/simulator/EksNode.Simulator.dll
  shift
  dotnet build tests/EksNode.Simulator/EksNode.Simulator.csproj -c Release -o "$artifacts/simulator" -v quiet -nologo -clp:NoSummary >&2
  dotnet "$program" "$@" --port 0 --ready-file "$folder/ready" >"$folder/simulator.log" 2>&1 &
  simulator_pid=$!
  for _ in $(seq 100); do [ -s "$folder/ready" ] && break; sleep 0.1; done
  [ -s "$folder/ready" ] || { cat "$folder/simulator.log" >&2; exit 1; }
  set -a
  source "$folder/ready"
  set +a
}
