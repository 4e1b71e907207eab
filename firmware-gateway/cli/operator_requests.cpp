#include "cli/operator_requests.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "cli/consent_counts.hpp"
#include "cli/known_devices.hpp"
#include "cli/profile_file.hpp"
#include "cli/radio_status.hpp"
#include "messages/health_json.hpp"
#include "messages/profile_json.hpp"
#include "messages/radio_status_json.hpp"
#include "messages/text_forms.hpp"

namespace beacon_gateway {
namespace {

// As many of a shopper's newest decisions as fit a screen.
constexpr std::size_t kDecisionsShown = 50;
// More than a day of decisions can be: those of the last 24 hours are kept.
constexpr std::size_t kMostDecisionsCounted = 100'000;

bool is_about_shoppers(const std::string& command) {
  return command.starts_with("profiles ") || command == "explain";
}

ControlAnswer good(std::string out) {
  return {kGood, std::move(out), {}};
}
ControlAnswer failed(std::string err) {
  return {kFailed, {}, std::move(err)};
}

ControlAnswer not_held(const std::string& shopper) {
  return failed(fmt::format("beacon-gateway: no profile \"{}\" is held; see `beacon-gateway profiles list`\n",
                            printable(shopper)));
}

std::string live_purposes(const Profile& profile, WallTime now) {
  std::string text;
  for (std::size_t i = 0; i < kPurposeCount; ++i)
    if (const auto purpose = static_cast<Purpose>(i); consents_to(profile, purpose, now))
      text.append(text.empty() ? "" : ",").append(name(purpose));
  return text.empty() ? "none" : text;
}

std::string warnings_text(const Warnings& warnings) {
  std::string text;
  for (const Warning& one : warnings) text += fmt::format("warning      {}: {}\n", one.name, one.text);
  return text;
}

}  // namespace

ControlAnswer OperatorRequests::answer(const ControlQuestion& question, const Asker& asker) {
  if (is_about_shoppers(question.command)) {
    const auto shopper = ShopperId::parse(question.shopper);
    spdlog::info("audit: user {} {} {}{}", asker.user, printable(question.command), shopper ? shopper->masked() : "",
                 asker.is_operator ? "" : ": refused");
  } else if (question.command == "hear") {
    spdlog::info("audit: user {} {}{}", asker.user, printable(question.text), asker.is_operator ? "" : ": refused");
  }
  const bool open_to_all =
      question.command == "status" || question.command == "irks" || question.command == "campaigns";
  if (!open_to_all && !asker.is_operator)
    return failed(fmt::format(
        "beacon-gateway: {}: not allowed; ask to be made a member of the group beacon-operators\n", question.command));
  const bool changes =
      question.command == "profiles import" || question.command == "profiles erase" || question.command == "reload";
  if (const std::string trouble = store_trouble(); changes && !trouble.empty())
    return failed(fmt::format("beacon-gateway: {}: not now, the store takes nothing: {}\n", question.command, trouble));
  if (question.command == "profiles import") return import(question);
  if (question.command == "profiles list") return list(question.json);
  if (question.command == "profiles show") return show(question);
  if (question.command == "profiles erase") return erase(question);
  if (question.command == "explain") return explain(question);
  if (daemon_ == nullptr)
    return failed(fmt::format("beacon-gateway: {}: the gateway is not running\n", question.command));
  if (question.command == "status") return status(question.json);
  if (question.command == "irks") return irks();
  if (question.command == "campaigns") return good("  In the running gateway: " + to_text(campaigns()) + ".\n");
  if (question.command == "hear") return good({});  // asked once, for its audit line, before any "whose"
  if (question.command == "whose") return whose(question.text);
  if (question.command == "consents") return consents();
  if (question.command == "reload") return daemon_->reload();
  if (question.command == "pause" || question.command == "resume") {
    gateway_.pause(question.command == "pause");
    return good(gateway_.paused() ? "paused: the gateway hears and decides nothing\n" : "resumed\n");
  }
  return failed(fmt::format("beacon-gateway: unknown request \"{}\"\n", printable(question.command)));
}

std::string OperatorRequests::store_trouble() const {
  return daemon_ != nullptr && daemon_->store_trouble ? daemon_->store_trouble() : std::string{};
}

ControlAnswer OperatorRequests::import(const ControlQuestion& question) {
  const ProfileFile file = read_profile_lines(question.text, question.file, gateway_.settings().privacy.attributes);
  if (!file.faults.empty()) {
    std::string err;
    for (const std::string& fault : file.faults) err += fault + '\n';
    return failed(err + fmt::format("beacon-gateway: nothing was taken: {} of {} profiles have a fault\n",
                                    file.faults.size(), file.faults.size() + file.profiles.size()));
  }
  if (question.dry_run) return good(fmt::format("{} profiles are good; nothing was changed\n", file.profiles.size()));
  const std::size_t contested_before = gateway_.contested();
  const std::size_t irks_refused_before = gateway_.holding().irks_refused;
  const ImportReport report = gateway_.import(file.profiles, question.replace);
  std::string out = fmt::format("{} profiles taken, {} unchanged (version not above the held one), {} removed\n",
                                report.taken, report.unchanged, report.removed);
  std::string err;
  if (report.erased_before > 0)
    err += fmt::format(
        "warning: {} of them were left out: these persons were erased, and have agreed to nothing since then\n",
        report.erased_before);
  if (report.without_consent > 0)
    err += fmt::format("warning: {} of them have no live consent and will not be recognised\n", report.without_consent);
  if (gateway_.contested() > contested_before)
    err += fmt::format("warning: {} identifiers are now claimed by two shoppers and match neither\n",
                       gateway_.contested() - contested_before);
  if (const std::size_t refused = gateway_.holding().irks_refused; refused > irks_refused_before)
    err += fmt::format(
        "warning: {} IRKs are above the bound and will not be tried: too many strangers would be taken for shoppers;"
        " see irk_false_match_limit under [identity] in gateway.toml\n",
        refused - irks_refused_before);
  return {kGood, std::move(out), std::move(err)};
}

ControlAnswer OperatorRequests::list(bool json) {
  std::string out;
  std::size_t count = 0;
  if (!json)
    out = fmt::format("{:<24} {:>10} {:>11} {:<4} {:<14} {}\n", "SHOPPER", "VERSION", "IDENTIFIERS", "LANG", "KIND",
                      "LIVE CONSENTS");
  profiles_.for_each([&](const StoredProfile& stored) {
    ++count;
    const Profile& profile = stored.profile;
    const char* kind = profile.staff ? "staff" : profile.test ? "test" : "shopper";
    const std::string purposes = live_purposes(profile, gateway_.now().wall);
    if (json)
      out += fmt::format(
          R"({{"shopper_id":"{}","version":{},"identifiers":{},"language":"{}","kind":"{}","live_consents":"{}"}})"
          "\n",
          profile.shopper_id.value(), profile.version, profile.identifiers.size(), printable(profile.language), kind,
          purposes);
    else
      out += fmt::format("{:<24} {:>10} {:>11} {:<4} {:<14} {}\n", profile.shopper_id.value(), profile.version,
                         profile.identifiers.size(), printable(profile.language), kind, purposes);
  });
  return {kGood, std::move(out), json ? std::string{} : fmt::format("{} profiles\n", count)};
}

ControlAnswer OperatorRequests::show(const ControlQuestion& question) {
  const auto shopper = ShopperId::parse(question.shopper);
  const auto stored = shopper ? profiles_.find(*shopper) : std::nullopt;
  if (!stored) return not_held(question.shopper);
  // All that is held of a person, for her own eyes: the profile, and what came of it.
  const std::size_t decisions = journey_.decisions(stored->profile.shopper_id, kMostDecisionsCounted).size();
  const std::size_t caps = journey_.history(stored->profile.shopper_id).size();
  return good(
      fmt::format("{}\n"
                  R"({{"visit_open":{},"decisions":{},"remembered_messages":{}}})"
                  "\n",
                  profile_to_masked_json(stored->profile), gateway_.visit_open(stored->number), decisions, caps));
}

ControlAnswer OperatorRequests::erase(const ControlQuestion& question) {
  const auto shopper = ShopperId::parse(question.shopper);
  if (!shopper || !gateway_.erase(*shopper)) return not_held(question.shopper);
  return good(fmt::format("erased: {}\n", shopper->value()));
}

ControlAnswer OperatorRequests::explain(const ControlQuestion& question) {
  const auto shopper = ShopperId::parse(question.shopper);
  if (!shopper || !profiles_.find(*shopper)) return not_held(question.shopper);
  std::string out;
  for (const DecisionRecord& one : journey_.decisions(*shopper, kDecisionsShown)) {
    if (question.json)
      out += fmt::format(R"({{"time":"{}","visit_id":"{}","campaign":"{}","outcome":"{}","reason":"{}"}})"
                         "\n",
                         wall_time_text(one.at), one.visit_id, printable(one.campaign), one.outcome, one.reason);
    else
      out += fmt::format("{}  {:<24} {:<10} {}\n", wall_time_text(one.at), printable(one.campaign), one.outcome,
                         one.reason);
  }
  if (out.empty() && !question.json)
    return {kGood, {}, "no decision of the last 24 hours: no campaign was due for this shopper\n"};
  return good(std::move(out));
}

ControlAnswer OperatorRequests::irks() {
  const HoldingReport holding = gateway_.holding();
  return good(fmt::format(
      "  The running gateway holds {} IRKs and has refused {}: a stranger's address is taken for a shopper's with a"
      " probability of {:.1e}.\n",
      holding.irks, holding.irks_refused, false_match_rate(holding.irks)));
}

CampaignsInForce OperatorRequests::campaigns() const {
  return daemon_->campaigns ? daemon_->campaigns() : CampaignsInForce{};
}

ControlAnswer OperatorRequests::whose(const std::string& text) {
  const auto advertisements = advertisements_asked(text);
  if (!advertisements) return failed("beacon-gateway: whose: the question cannot be read\n");
  std::string letters;
  for (const Advertisement& one : *advertisements) letters += letter(gateway_.whose(one));
  return good(std::move(letters));
}

ControlAnswer OperatorRequests::consents() {
  ConsentCounts counts;
  profiles_.for_each([&](const StoredProfile& stored) { counts.add(stored.profile, gateway_.now().wall); });
  return good(counts.text());
}

ControlAnswer OperatorRequests::status(bool json) {
  const OutboxTotals outbox = journey_.totals();
  const HoldingReport holding = gateway_.holding();
  const RadioStatus radio = daemon_->radio ? daemon_->radio() : RadioStatus{};
  const Shop& shop = gateway_.settings().shop;
  const bool identify = daemon_->identify_asked && daemon_->identify_asked();
  const Warnings warnings = daemon_->warnings ? daemon_->warnings() : Warnings{};
  const std::string trouble = store_trouble();
  const std::string health = health_json({gateway_.now().wall, gateway_.open_visits(), outbox, counters_, warnings});
  if (json)  // the health message, with what only the daemon knows put in front
    return good(fmt::format(
        R"({{"broker":"{}","paused":{},"identify":{},"identifiers":{},"revision":{},"lease_over":{},"irks":{},"irks_refused":{},"campaigns":{},"scanners":{},"beacons":{},{})"
        "\n",
        daemon_->link(), gateway_.paused(), identify, holding.identifiers, holding.word.revision, holding.lease_over,
        holding.irks, holding.irks_refused, to_json(campaigns()), radio_status_json(radio, shop),
        beacon_status_json(radio), health.substr(1)));
  return good(fmt::format(
      "{}gateway      /{}/{}/{}, configuration {}\n"
      "running      since {}{}\n"
      "clock        {}, {}\n"
      "broker       {}\n"
      "store        {}\n"
      "outbox       {} waiting, {} recorded, {} delivered, {} expired, {} dead letters, {} withdrawn, {} evicted,"
      " {} damaged, {} missing{}\n"
      "profiles     {} identifiers, {} contested, revision {}; last word of the orchestrator {}{}\n"
      "IRKs         {} ({} refused); a stranger is taken for one of them {:.1g} times in a million\n"
      "campaigns    {}\n"
      "visits       {} open, {} started, {} triggers, {} suppressed\n"
      "radio        {} advertisements, {} of shoppers, {} of strangers\n"
      "{}{}",
      identify ? ">>> THIS IS THE BOX: the orchestrator asked for it (identify) <<<\n" : "",
      gateway_.settings().name.tenant, gateway_.settings().name.store, gateway_.settings().name.id,
      gateway_.settings().hash, wall_time_text(daemon_->since), gateway_.paused() ? ", paused" : "",
      wall_time_text(gateway_.now().wall),
      gateway_.now().quality == TimeQuality::trusted ? "trusted" : "not trusted: campaigns with hours stay silent",
      daemon_->link(),
      trouble.empty() ? "good" : "ALARM: takes nothing, nobody is recognised until it does: " + trouble, outbox.waiting,
      outbox.recorded, outbox.delivered, outbox.expired, outbox.dead_letter, outbox.withdrawn, outbox.evicted,
      outbox.damaged, outbox.missing,
      outbox.begun_anew > 0 ? "; begun anew, the file before was damaged or moved away" : "", holding.identifiers,
      holding.contested, holding.word.revision,
      holding.word.heard_at ? wall_time_text(*holding.word.heard_at) : "never",
      holding.lease_over ? ": the consent lease is over, nobody is matched" : "", holding.irks, holding.irks_refused,
      1e6 * false_match_rate(holding.irks), to_text(campaigns()), gateway_.open_visits(),
      counters_[Count::visits_started], counters_[Count::triggers], counters_[Count::suppressed],
      counters_[Count::advertisements], counters_[Count::sightings], counters_[Count::dropped_unknown],
      radio_status_text(radio, shop), warnings_text(warnings)));
}

}  // namespace beacon_gateway
