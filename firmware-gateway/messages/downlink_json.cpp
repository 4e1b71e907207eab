#include "messages/downlink_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "messages/json_bounds.hpp"
#include "messages/profile_json.hpp"
#include "messages/text_forms.hpp"
#include "messages/topics.hpp"

namespace beacon_gateway {
namespace {

using Json = nlohmann::ordered_json;

// A refusal on its way out of the reader; it never leaves this file.
struct Refused {
  DownlinkRefusal why;
};

[[noreturn]] void refuse(DownlinkRefusal why = DownlinkRefusal::malformed) {
  throw Refused{why};
}

// Null if it is not there.
const Json* field(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

std::int64_t whole(const Json& json, std::int64_t least, std::int64_t most) {
  // 2^63 and above are unsigned in the parser and would come out negative.
  if (!json.is_number_integer() ||
      (json.is_number_unsigned() && json.get<std::uint64_t>() > static_cast<std::uint64_t>(most)))
    refuse();
  const auto value = json.get<std::int64_t>();
  if (value < least || value > most) refuse();
  return value;
}

// The items of an optional list.
const Json& list(const Json& object, const char* key, std::size_t most) {
  static const Json empty = Json::array();
  const Json* found = field(object, key);
  if (found == nullptr) return empty;
  if (!found->is_array() || found->size() > most) refuse();
  return *found;
}

void check_name(const Json& json, const std::string& ours) {
  if (!json.is_string()) refuse();
  if (json.get_ref<const std::string&>() != ours) refuse(DownlinkRefusal::other_gateway);
}

// What every JSON implementation keeps exactly; a number by mistake above all others would make us deaf for ever.
constexpr std::int64_t kLargestNumber = (std::int64_t{1} << 53) - 1;

// All four, or, where nothing is signed, none.
std::optional<SignedClaims> read_claims(const Json& object, const std::string& key_id, const GatewayName& name) {
  constexpr std::int64_t kLargestUnixSecond = 7'258'118'400;  // year 2200, as for every time of the contract
  const Json* tenant = field(object, "tenant");
  const Json* store = field(object, "store");
  const Json* sequence = field(object, "seq");
  const Json* issued_at = field(object, "iat");
  if (key_id.empty() && tenant == nullptr && store == nullptr && sequence == nullptr && issued_at == nullptr)
    return std::nullopt;
  if (tenant == nullptr || store == nullptr || sequence == nullptr || issued_at == nullptr) refuse();
  check_name(*tenant, name.tenant);
  check_name(*store, name.store);
  return SignedClaims{key_id, whole(*sequence, 1, kLargestNumber),
                      WallTime{std::chrono::seconds{whole(*issued_at, 0, kLargestUnixSecond)}}};
}

// The profile reader quotes some words that it did not expect; here nothing of a profile is told.
std::string fault_of_upsert(std::size_t index, const std::string& fault) {
  const bool has_path = fault.find(": ") != std::string::npos;
  const std::size_t first = fault.find('"');
  const std::size_t last = fault.rfind('"');
  std::string told = fmt::format("upserts[{}]{}{}", index, has_path ? "." : ": ",
                                 first == last ? fault : fault.substr(0, first) + "the value" + fault.substr(last + 1));
  // Names of fields are the sender's: a log line stays one line.
  std::ranges::replace_if(told, [](char one) { return static_cast<unsigned char>(one) < ' ' || one == 0x7F; }, '?');
  return told;
}

ProfilesMessage read_profiles(const Json& object, const std::vector<std::string>& kept_attributes) {
  ProfilesMessage message;
  const Json* revision = field(object, "revision");
  if (revision == nullptr) refuse();
  message.revision = whole(*revision, 0, std::numeric_limits<std::int64_t>::max());

  const Json* full = field(object, "full");
  if (full != nullptr && !full->is_boolean()) refuse();
  message.full = full != nullptr && full->get<bool>();
  const Json* part = field(object, "part");
  const Json* parts = field(object, "parts");
  if (message.full && (part == nullptr || parts == nullptr)) refuse();
  const auto parts_given = parts == nullptr ? 1 : static_cast<int>(whole(*parts, 1, kMostParts));
  const auto part_given =
      part == nullptr ? 1 : static_cast<int>(whole(*part, 1, message.full ? parts_given : kMostParts));
  if (message.full) {  // elsewhere they mean nothing
    message.part = part_given;
    message.parts = parts_given;
  }

  const Json& withdrawals = list(object, "withdrawals", kMostWithdrawals);
  for (std::size_t i = 0; i < withdrawals.size(); ++i) {
    const auto* text = withdrawals[i].get_ptr<const std::string*>();
    if (auto id = text == nullptr ? std::nullopt : ShopperId::parse(*text))
      message.withdrawals.push_back(*id);
    else
      message.faults.push_back(fmt::format("withdrawals[{}]: must be 1 to 64 of A-Z a-z 0-9 . _ -", i));
  }
  const Json& upserts = list(object, "upserts", kMostUpserts);
  for (std::size_t i = 0; i < upserts.size(); ++i) {
    // Written anew, so that the size limit is on what the profile says and not on its white space.
    auto profile = profile_from_json(upserts[i].dump(), kept_attributes);
    if (profile) {
      message.upserts.push_back(std::move(*profile));
    } else {
      message.faults.push_back(fault_of_upsert(i, profile.error().text));
      const Json* id = upserts[i].is_object() ? field(upserts[i], "shopper_id") : nullptr;
      const auto* text = id == nullptr ? nullptr : id->get_ptr<const std::string*>();
      if (const auto shopper = text == nullptr ? std::nullopt : ShopperId::parse(*text))
        message.unreadable.push_back(*shopper);
    }
  }
  return message;
}

bool is_digest(std::string_view text) {
  constexpr std::size_t kDigits = 32;  // contract 3.3
  return text.size() == kDigits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

ReceiptsMessage read_receipts(const Json& object) {
  if (field(object, "ids") == nullptr) refuse();
  ReceiptsMessage message;
  for (const Json& id : list(object, "ids", kMostReceipts)) {
    const auto* text = id.get_ptr<const std::string*>();
    if (text == nullptr || !is_digest(*text)) refuse();
    message.event_ids.push_back(*text);
  }
  return message;
}

// A signature names tenant and store only; a command that names its gateway too cannot be carried to another one's
// topic.
void check_gateway(const Json& object, const GatewayName& name) {
  if (const Json* gateway = field(object, "gateway")) check_name(*gateway, name.id);
}

std::string fit_to_repeat(const std::string& word) {
  constexpr std::size_t kLongest = 32;
  const bool fit = !word.empty() && word.size() <= kLongest &&
                   std::ranges::all_of(word, [](char one) { return (one >= 'a' && one <= 'z') || one == '_'; });
  return fit ? word : "?";
}

Command read_command(const Json& object, const GatewayName& name, const ReplyAddress& reply_to) {
  constexpr std::size_t kMostCorrelationOctets = 256;
  check_gateway(object, name);
  const Json* word = field(object, "command");
  if (word == nullptr || !word->is_string() || reply_to.correlation.size() > kMostCorrelationOctets) refuse();
  Command command;
  command.word = fit_to_repeat(word->get_ref<const std::string&>());
  const auto known = std::ranges::find(kCommandNames, command.word);
  if (known != kCommandNames.end()) command.kind = static_cast<CommandKind>(known - kCommandNames.begin());
  if (command.kind == CommandKind::erase) {
    const Json* shopper = field(object, "shopper_id");
    const auto* text = shopper == nullptr ? nullptr : shopper->get_ptr<const std::string*>();
    command.shopper = text == nullptr ? std::nullopt : ShopperId::parse(*text);
    if (!command.shopper) refuse();
    if (const Json* version = field(object, "version"))
      command.version = whole(*version, 0, std::numeric_limits<std::int64_t>::max());
  }
  command.reply_to.correlation = reply_to.correlation;
  command.reply_topic_refused = !reply_to.topic.empty() && !Topics{name}.may_reply_to(reply_to.topic);
  if (!command.reply_topic_refused) command.reply_to.topic = reply_to.topic;
  return command;
}

PresenceReport read_report(const Json& object) {
  constexpr std::size_t kLongestNonce = 64;
  const auto text = [&](const char* key) {
    const Json* found = field(object, key);
    return found == nullptr ? nullptr : found->get_ptr<const std::string*>();
  };
  const std::string* id = text("shopper_id");
  const std::string* at = text("at");
  const std::string* nonce = text("nonce");
  if (id == nullptr || at == nullptr || nonce == nullptr || nonce->empty() || nonce->size() > kLongestNonce) refuse();
  const auto shopper = ShopperId::parse(*id);
  const auto instant = wall_time_from_text(*at);
  const std::string* zone = text("zone");
  if (!shopper || !instant || (field(object, "zone") != nullptr && zone == nullptr)) refuse();
  return {*shopper, zone == nullptr ? std::nullopt : std::optional{*zone}, *instant, *nonce};
}

// Only the frame: whether the text is good is for who knows the zones.
CampaignSet read_campaign_set(const Json& object, const GatewayName& name) {
  check_gateway(object, name);
  const Json* version = field(object, "version");
  const Json* toml = field(object, "campaigns_toml");
  if (version == nullptr || toml == nullptr || !toml->is_string()) refuse();
  return {whole(*version, 1, kLargestNumber), toml->get<std::string>()};
}

Json parse_object(std::string_view text) {
  if (!within_bounds(text)) refuse();
  Json object = Json::parse(text, nullptr, false);
  if (!object.is_object()) refuse();
  return object;
}

bool looks_unsigned(std::string_view payload) {
  const std::size_t first = payload.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && payload[first] == '{';
}

void read_into(Downlink& downlink, std::string_view payload, const DownlinkRules& rules, const ReplyAddress& reply_to) {
  if (payload.size() > kMostDownlinkOctets) refuse(DownlinkRefusal::too_large);
  VerifiedMessage message;
  if (looks_unsigned(payload)) {
    if (!rules.allow_unsigned) refuse(DownlinkRefusal::not_signed);
    message.payload = payload;
  } else {
    static const TrustedKeys nobody;
    auto verified = verify(payload, rules.trusted_keys ? *rules.trusted_keys : nobody);
    if (!verified) refuse(verified.error());
    message = std::move(*verified);
  }
  const Json object = parse_object(message.payload);
  auto claims = read_claims(object, message.key_id, rules.name);
  switch (downlink.topic) {
    case DownlinkTopic::store_profiles:
    case DownlinkTopic::gateway_profiles:
      downlink.content = read_profiles(object, rules.kept_attributes);
      break;
    case DownlinkTopic::receipts:
      downlink.content = read_receipts(object);
      break;
    case DownlinkTopic::command:
      downlink.content = read_command(object, rules.name, reply_to);
      break;
    case DownlinkTopic::other_visits:  // read_other_visit
      refuse();
    case DownlinkTopic::presence:
      downlink.content = read_report(object);
      break;
    case DownlinkTopic::store_campaigns:
    case DownlinkTopic::gateway_campaigns:
      downlink.content = read_campaign_set(object, rules.name);
      break;
  }
  downlink.claims = std::move(claims);
}

}  // namespace

Downlink read_downlink(DownlinkTopic topic, std::string_view payload, const DownlinkRules& rules,
                       const ReplyAddress& reply_to) {
  Downlink downlink;
  downlink.topic = topic;
  downlink.octets = payload.size();
  try {
    read_into(downlink, payload, rules, reply_to);
  } catch (const Refused& refused) {
    downlink.content = refused.why;
  }
  return downlink;
}

}  // namespace beacon_gateway
