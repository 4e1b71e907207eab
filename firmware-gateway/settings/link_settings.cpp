// [broker], [downlink], [store]
#include <algorithm>

#include "core/broker_url.hpp"
#include "settings/tables.hpp"

namespace beacon_gateway {
namespace {

constexpr Word<ReceiptPolicy> kReceipts[] = {
    {"required", ReceiptPolicy::required}, {"optional", ReceiptPolicy::optional}, {"off", ReceiptPolicy::off}};

Problem told(BrokerUrlFault fault, const std::string& text) {
  const std::string no_url = '"' + text + "\" is no broker's address";
  switch (fault) {
    case BrokerUrlFault::password:
      return {"a broker's address must not hold a password", "the gateway shows its certificate: cert_file, key_file"};
    case BrokerUrlFault::port:
      return {no_url, "the port is a number from 1 to 65535"};
    case BrokerUrlFault::no_url:
      break;
  }
  return {no_url, R"(write "mqtts://HOST:8883")"};
}

// The broker's address where it is given and good.
std::optional<BrokerUrl> read_broker(TableReader table, const std::filesystem::path& directory,
                                     BrokerSettings& broker) {
  std::optional<BrokerUrl> url;
  std::string text;
  // An empty address is the default written out: no broker.
  if (table.text("url", text) && !text.empty()) {
    if (auto parsed = parse_broker_url(text)) {
      url = *std::move(parsed);
      broker.url = text;
    } else {
      table.file().error(table.at("url"), told(parsed.error(), text));
    }
  }
  table.parsed("ca_file", path_from(directory), broker.ca_file);
  table.parsed("cert_file", path_from(directory), broker.cert_file);
  table.parsed("key_file", path_from(directory), broker.key_file);
  table.parsed("receipts", one_of(kReceipts), broker.receipts);
  table.flag("insecure", broker.insecure);

  if (url && !url->encrypted && !is_loopback(*url)) {
    const std::string in_clear = ": mqtt:// sends everything in clear over the network";
    if (broker.insecure) table.warning("url", in_clear, "use mqtts:// wherever shoppers are real");
    if (!broker.insecure) table.error("url", in_clear, "use mqtts://, or, in a laboratory only, insecure = true");
  }
  if (table.given("cert_file") && !table.given("key_file"))
    table.error("cert_file", " needs `key_file` beside it", "a certificate is of no use without its private key");
  if (table.given("key_file") && !table.given("cert_file"))
    table.error("key_file", " needs `cert_file` beside it", "a private key is of no use without its certificate");
  table.finish();
  return url;
}

}  // namespace

void read_link(std::optional<TableReader> broker, std::optional<TableReader> downlink,
               const std::filesystem::path& directory, Settings& settings) {
  const std::size_t errors_before = broker ? broker->file().errors() : 0;
  const std::optional<BrokerUrl> url = broker ? read_broker(*broker, directory, settings.broker) : std::nullopt;
  const bool broker_good = !broker || broker->file().errors() == errors_before;
  if (downlink) {
    downlink->parsed_list("trusted_keys", path_from(directory), settings.downlink.trusted_keys);
    downlink->flag("allow_unsigned", settings.downlink.allow_unsigned);
    if (settings.downlink.allow_unsigned && broker_good && !(url && is_loopback(*url)))
      downlink->error("allow_unsigned", " is accepted only with a broker on this machine",
                      "anybody at that broker could write profiles: name the orchestrator's key in trusted_keys");
    downlink->finish();
  }
  if (url && !settings.downlink.allow_unsigned && settings.downlink.trusted_keys.empty())
    broker->warning("url", ": nothing from the orchestrator will be believed: no key is trusted",
                    "name the file of its public key in [downlink] trusted_keys");
}

void read_store(TableReader table, const std::filesystem::path& directory, const std::vector<ScannerSource>* sources,
                StoreSettings& store) {
  table.parsed("directory", path_from(directory), store.directory);
  table.parsed("key_file", path_from(directory), store.key_file);
  table.parsed("previous_key_file", path_from(directory), store.previous_key_file);
  table.flag("sealed", store.sealed);
  const bool all_captures = sources == nullptr || std::ranges::all_of(*sources, [](const ScannerSource& source) {
                              return source.driver == ScannerDriver::capture;
                            });
  if (store.previous_key_file && store.previous_key_file == store.key_file)
    table.error("previous_key_file", " is the same file as `key_file`",
                "name the key that the store was sealed with so far, or delete the line");
  if (!store.sealed && all_captures)
    table.warning("sealed", " = false: whoever has the disk can read the store", "for recordings and trials only");
  if (!store.sealed && !all_captures)
    table.error("sealed", " = false is accepted only where every scanner is a capture",
                "delete the line; `beacon-gateway key create FILE` makes the store's key");
  table.finish();
}

}  // namespace beacon_gateway
