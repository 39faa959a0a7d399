# Read by ./lanyard with $root and $1, and run so by what builds: prints in a word what `program` (what an instance runs from)
# or `console` is made of. By what stands in the files: what a copy, a clock that was wrong or an archive says of their times
# may be anything.
case $1 in
  program) set -- src scripts/bundle.mjs scripts/sum.sh package-lock.json tsconfig.json ;;
  # With what it shares with the instance, and the versions of what builds it.
  console) set -- console src/base src/contract src/ledger src/catalog scripts/console.mjs scripts/sum.sh package-lock.json ;;
esac
cd "$root" &&
  find -L "$@" -path console/dist -prune -o -type f ! -name '*.test.*' -exec cksum {} + 2>/dev/null |
  LC_ALL=C sort | cksum | { read -r crc size && echo "$crc-$size"; }
