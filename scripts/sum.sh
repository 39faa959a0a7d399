# Read by ./lanyard and by scripts/bundle.mjs, with $root: prints in a word what the joined program of an instance is made of.
# By what stands in the files: what a copy, a clock that was wrong or an archive says of their times may be anything.
cd "$root" &&
  find -L src scripts/bundle.mjs scripts/sum.sh package-lock.json tsconfig.json -type f ! -name '*.test.ts' \
    -exec cksum {} + | LC_ALL=C sort | cksum | { read -r crc size && echo "$crc-$size"; }
