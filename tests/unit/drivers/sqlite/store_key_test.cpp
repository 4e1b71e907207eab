#include "drivers/sqlite/store_key.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "tests/catch.hpp"
#include "tests/fakes/temporary_directory.hpp"
#include "tests/unit/drivers/sqlite/store_files.hpp"

using namespace beacon_gateway::sqlite;
using beacon_gateway_test::ContainsSubstring;
using beacon_gateway_test::octets_in;
using beacon_gateway_test::TemporaryDirectory;

namespace {

const std::string kDigits = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1E1F";

std::filesystem::path written(const std::filesystem::path& file, const std::string& text, mode_t mode = 0400) {
  std::ofstream{file} << text;
  ::chmod(file.c_str(), mode);
  return file;
}

// $CREDENTIALS_DIRECTORY for as long as it lives.
struct Credentials {
  TemporaryDirectory directory;
  Credentials() { ::setenv("CREDENTIALS_DIRECTORY", directory.path().c_str(), 1); }
  Credentials(const Credentials&) = delete;
  Credentials& operator=(const Credentials&) = delete;
  ~Credentials() { ::unsetenv("CREDENTIALS_DIRECTORY"); }
};

int first_octet(const std::optional<StoreKey>& key) {
  return key ? static_cast<int>(*key->data()) : -1;
}

}  // namespace

TEST_CASE("a key file is one line of 64 hex digits, with comments and either case") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "key";
  const auto read = [&](const std::string& text) {
    std::filesystem::remove(file);
    return read_store_key(written(file, text));
  };
  REQUIRE(read(kDigits + "\n"));
  CHECK(static_cast<int>(read(kDigits + "\n")->data()[31]) == 0x1F);
  CHECK(read("# mine\n\n" + kDigits + "\n"));
  CHECK(read(kDigits));
  for (const std::string& bad : {std::string{}, std::string{"\n"}, kDigits + "0\n", kDigits.substr(1) + "\n",
                                 kDigits + "\n" + kDigits + "\n", "g" + kDigits.substr(1) + "\n", " " + kDigits}) {
    const auto key = read(bad);
    REQUIRE_FALSE(key);
    CHECK_THAT(key.error(), ContainsSubstring(file.string()) && ContainsSubstring("64 hex digits"));
    CHECK(key.error().find("0203040506") == std::string::npos);  // a fault quotes no key
  }
}

TEST_CASE("a key that others may read is refused, with the remedy, and one that is not there is named") {
  const TemporaryDirectory directory;
  for (const mode_t mode : {0440U, 0404U, 0600U | 0020U}) {
    const auto key = read_store_key(written(directory.path() / std::to_string(mode), kDigits, mode));
    REQUIRE_FALSE(key);
    CHECK_THAT(key.error(), ContainsSubstring("chmod 0400"));
  }
  CHECK(read_store_key(written(directory.path() / "mine", kDigits, 0600)));
  CHECK_THAT(read_store_key(directory.path() / "none").error(), ContainsSubstring("none"));
}

TEST_CASE("a key is made once, for its owner alone, and read back") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "new.key";
  REQUIRE(create_store_key(file));
  struct stat facts{};
  REQUIRE(::stat(file.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 07777U) == 0400);
  REQUIRE(read_store_key(file));
  const std::string before = octets_in(file);
  const auto again = create_store_key(file);
  REQUIRE_FALSE(again);
  CHECK_THAT(again.error(), ContainsSubstring("there already"));
  CHECK(octets_in(file) == before);
  REQUIRE(create_store_key(directory.path() / "other.key"));
  CHECK(octets_in(directory.path() / "other.key") != before);
  CHECK_THAT(create_store_key(directory.path() / "no" / "folder").error(), ContainsSubstring("cannot be made"));
}

TEST_CASE("a configured file wins over the credential, and no key at all is a fault with its remedy") {
  const TemporaryDirectory directory;
  const auto none = find_store_seal(std::nullopt, std::nullopt);
  REQUIRE_FALSE(none);
  CHECK_THAT(none.error(), ContainsSubstring("key create") && ContainsSubstring("store-key"));

  const Credentials credentials;
  CHECK_FALSE(find_store_seal(std::nullopt, std::nullopt));
  // systemd's access list shows as a right of the group.
  written(credentials.directory.path() / "store-key", "aa" + kDigits.substr(2) + "\n", 0440);
  const auto by_credential = find_store_seal(std::nullopt, std::nullopt);
  REQUIRE(by_credential);
  CHECK(first_octet(by_credential->key) == 0xAA);
  CHECK_FALSE(by_credential->previous);

  written(credentials.directory.path() / "store-key-previous", "bb" + kDigits.substr(2) + "\n", 0440);
  const auto file = written(directory.path() / "file", "cc" + kDigits.substr(2) + "\n");
  const auto both = find_store_seal(file, std::nullopt);
  REQUIRE(both);
  CHECK(first_octet(both->key) == 0xCC);
  CHECK(first_octet(both->previous) == 0xBB);
  CHECK(first_octet(find_store_seal(std::nullopt, file)->previous) == 0xCC);
  CHECK_FALSE(find_store_seal(directory.path() / "none", std::nullopt));  // a file that is named must be there
  CHECK_FALSE(find_store_seal(std::nullopt, directory.path() / "none"));
}
