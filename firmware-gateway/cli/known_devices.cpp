#include "cli/known_devices.hpp"

#include <fmt/format.h>

#include <memory>
#include <unordered_set>

#include "cli/configuration.hpp"
#include "cli/profile_file.hpp"
#include "cli/text_file.hpp"
#include "messages/control_json.hpp"
#include "messages/text_forms.hpp"

namespace beacon_gateway {
namespace {

using Answers = std::optional<std::vector<Whose>>;

constexpr std::string_view kLetters = "-ktf";  // by Whose: stranger, known, test, staff
constexpr std::size_t kAddressAt = 2;          // of a line: the type, a blank, 12 hex digits, a blank, the payload
constexpr std::size_t kPayloadAt = 15;

// What is read of a profile, before the time is known at which its consents are to be live.
struct Person {
  Identity identity;
  bool test = false;
  std::vector<Consent> consents;
};

class ReadOnce {
 public:
  ReadOnce(std::vector<Person> people, std::optional<WallTime> matched_until, const Settings& settings,
           const Key128& secret)
      : people_(std::move(people)),
        matched_until_(matched_until),
        recogniser_(
            {settings.identity.ibeacon_uuids, settings.identity.token_service_uuids, settings.identity.most_irks},
            secret) {}

  Answers ask(std::span<const Advertisement> advertisements) {
    std::vector<Whose> answers;
    for (const Advertisement& one : advertisements) {
      begin(one.instant.wall);
      const Recognition recognition = recogniser_.recognise(one);
      if (recognition.found == Recognition::Found::staff)
        answers.push_back(Whose::staff);
      else if (recognition.found != Recognition::Found::match)
        answers.push_back(Whose::stranger);
      else
        answers.push_back(tags_.contains(recognition.shopper) ? Whose::test_tag : Whose::shopper);
    }
    return answers;
  }

 private:
  // Consents and rotating identities are those of the first advertisement's time: a capture has its own.
  void begin(WallTime now) {
    for (const Person& person : people_) {
      const bool lives = std::ranges::any_of(person.consents, [&](const Consent& one) { return one.live(now); });
      const bool matched = lives && (!matched_until_ || now <= *matched_until_);
      if (!matched && !person.test && !person.identity.staff) continue;
      recogniser_.add(person.identity, now);
      if (person.test) tags_.insert(person.identity.number);
    }
    people_.clear();
  }

  std::vector<Person> people_;
  std::optional<WallTime> matched_until_;
  Recogniser recogniser_;
  std::unordered_set<ShopperNumber> tags_;
};

AskWhose answered_by(std::vector<Person> people, std::optional<WallTime> matched_until, const Settings& settings,
                     const Edges& edges) {
  auto known = std::make_shared<ReadOnce>(std::move(people), matched_until, settings, edges.random_key());
  return [known](std::span<const Advertisement> advertisements) { return known->ask(advertisements); };
}

tl::expected<AskWhose, NobodyKnows> from_file(const std::filesystem::path& path, const Settings& settings,
                                              const Edges& edges) {
  const auto text = text_of_file(path);
  if (!text) return tl::unexpected(NobodyKnows{kFailed, text.error()});
  ProfileFile file = read_profile_lines(*text, path.string(), settings.privacy.attributes);
  if (!file.faults.empty()) return tl::unexpected(NobodyKnows{kFailed, file.faults.front()});
  std::vector<Person> people;
  for (Profile& one : file.profiles) {
    const auto number = static_cast<ShopperNumber>(people.size() + 1);
    people.push_back({{number, one.staff, std::move(one.identifiers), {}}, one.test, std::move(one.consents)});
  }
  return answered_by(std::move(people), std::nullopt, settings, edges);
}

tl::expected<AskWhose, NobodyKnows> from_store(const Settings& settings, const Edges& edges) {
  const std::filesystem::path path = profiles_file(settings.store.directory);
  std::error_code ignored;  // a store that cannot be asked about is none that we could open
  if (!std::filesystem::exists(path, ignored)) return answered_by({}, std::nullopt, settings, edges);
  if (const auto why = edges.store_key_fault(settings.store)) return tl::unexpected(NobodyKnows{kFailed, *why});
  const auto store = edges.open_profiles(path, settings);
  std::vector<Person> people;
  store->for_each([&](const StoredProfile& stored) {
    auto identity = store->identity(stored.number);
    if (!identity) return;  // without identifiers there is nothing to know it by
    people.push_back({std::move(*identity), stored.profile.test, stored.profile.consents});
  });
  std::optional<WallTime> matched_until;  // as the gateway: captures have no lease
  if (const auto heard_at = store->word().heard_at; heard_at && !all_captures(settings))
    matched_until = *heard_at + settings.privacy.consent_lease;
  return answered_by(std::move(people), matched_until, settings, edges);
}

std::optional<ControlAnswer> ask_daemon(const Settings& settings, const Edges& edges, const char* command,
                                        std::string text) {
  ControlQuestion question;
  question.command = command;
  question.text = std::move(text);
  const auto reply = edges.ask_daemon(settings.control_socket, to_json(question));
  return reply ? control_answer_from_json(*reply) : std::nullopt;
}

}  // namespace

std::optional<ControlAnswer> ask_leave(const std::string& purpose, const Settings& settings, const Edges& edges) {
  return ask_daemon(settings, edges, "hear", purpose);
}

tl::expected<AskWhose, NobodyKnows> known_devices(const std::optional<std::filesystem::path>& profiles,
                                                  bool daemon_runs, const Settings& settings, const Edges& edges) {
  if (profiles) return from_file(*profiles, settings, edges);
  if (!daemon_runs) return from_store(settings, edges);
  return [&settings, &edges](std::span<const Advertisement> advertisements) -> Answers {
    const auto answer = ask_daemon(settings, edges, "whose", whose_question(advertisements));
    return answer && answer->status == kGood ? whose_answers(answer->out, advertisements.size()) : std::nullopt;
  };
}

std::string whose_question(std::span<const Advertisement> advertisements) {
  std::string text;
  for (const Advertisement& one : advertisements)
    text += fmt::format("{} {} {}\n", static_cast<int>(one.address.type), hex_text(one.address.octets),
                        hex_text(one.payload.bytes()));
  return text;
}

std::optional<std::vector<Advertisement>> advertisements_asked(std::string_view text) {
  std::vector<Advertisement> advertisements;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos || end < kPayloadAt) return std::nullopt;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    Advertisement& one = advertisements.emplace_back();
    const int type = line.front() - '0';
    if (type < 0 || type > static_cast<int>(AddressType::random_non_resolvable)) return std::nullopt;
    one.address.type = static_cast<AddressType>(type);
    if (!octets_from_hex(line.substr(kAddressAt, 2 * one.address.octets.size()), one.address.octets))
      return std::nullopt;
    const std::string_view payload = line.substr(kPayloadAt);
    std::array<std::uint8_t, Payload::kCapacity> octets{};
    const std::span<std::uint8_t> room{octets};
    if (payload.size() / 2 > room.size() || !octets_from_hex(payload, room.first(payload.size() / 2)))
      return std::nullopt;
    one.payload = Payload{room.first(payload.size() / 2)};
  }
  return advertisements;
}

char letter(Whose whose) {
  return kLetters[static_cast<std::size_t>(whose)];
}

std::optional<std::vector<Whose>> whose_answers(std::string_view text, std::size_t count) {
  if (text.size() != count) return std::nullopt;
  std::vector<Whose> answers;
  for (const char one : text) {
    const std::size_t at = kLetters.find(one);
    if (at == std::string_view::npos) return std::nullopt;
    answers.push_back(static_cast<Whose>(at));
  }
  return answers;
}

}  // namespace beacon_gateway
