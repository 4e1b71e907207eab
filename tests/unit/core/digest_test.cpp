#include "core/digest.hpp"

#include "tests/catch.hpp"

using namespace beacon_gateway;

// The expected values, by another implementation:
//   python3 -c 'import hashlib, sys; print(hashlib.sha256(b"".join(len(f.encode()).to_bytes(4, "big") + f.encode()
//               for f in sys.argv[1:])).hexdigest()[:32])' FIELD...
TEST_CASE("a digest is the first 32 hex digits of SHA-256 over length-prefixed fields") {
  CHECK(digest_hex({}) == "e3b0c44298fc1c149afbf4c8996fb924");
  CHECK(digest_hex({"abc"}) == "d04b72a650ce0f8ce4963330a53ee283");
  CHECK(digest_hex({"สวัสดี"}) == "f476a6b636407eb591a4ef592a0ae8b9");
}

TEST_CASE("the same letters in other fields are another digest") {
  CHECK(digest_hex({"ab", "c"}) == "f2939f903016e5bb29b1e4a61cdbd376");
  CHECK(digest_hex({"", "abc"}) == "c3494ca1a2cf8eeb8a11ded316fb55b8");
}

TEST_CASE("the number is the digest's first 16 hex digits") {
  CHECK(digest_number({"abc"}) == 0xD04B72A650CE0F8CULL);
}
