#include "drivers/mqtt/credential_rotation.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace beacon_gateway::mqtt {

namespace {

// Time for somebody to act; but a certificate of a week, renewed by a machine, must not warn all its life.
constexpr auto kWarnBefore = std::chrono::days{14};
constexpr int kWarnInLast = 4;  // the last quarter of its life
// Boxes' clocks differ from the authority's a little: what was issued this minute is good.
constexpr auto kClocksApart = std::chrono::minutes{5};

std::string days_text(std::chrono::seconds span) {
  const auto days = std::chrono::floor<std::chrono::days>(span).count();
  return days == 1 ? "1 day" : std::to_string(days) + " days";
}

}  // namespace

CredentialRotation::CredentialRotation(CredentialFiles files) : files_(std::move(files)) {
  auto first = Credentials::read(files_);
  if (!first) throw std::runtime_error(first.error());
  current_ = *first;
}

bool CredentialRotation::look(Time now, bool asked) {
  const auto fresh = Credentials::read(files_);
  if (!fresh) {
    candidate_.reset();
    refuse(fresh.error(), asked);
    return false;
  }
  if ((*fresh)->same_as(*current_)) {
    candidate_.reset();
    refusal_.clear();
    return false;
  }
  if (candidate_ && (*fresh)->same_as(*candidate_)) return asked;
  candidate_.reset();
  if (const std::string why = judge(**fresh, now); !why.empty()) {
    refuse(why, asked);
    return false;
  }
  refusal_.clear();
  candidate_ = *fresh;
  trying_candidate_ = false;
  spdlog::info("broker: the certificate files have changed and are good: connecting with them");
  return true;
}

// What is wrong with it; empty: nothing.
std::string CredentialRotation::judge(const Credentials& fresh, Time now) const {
  const std::string file = files_.certificate.value_or("").string();
  if (fresh.common_name() != current_->common_name())
    return file + ": names another gateway, " + fresh.common_name() + " and not " + current_->common_name() +
           ": restart the gateway if it is to be that one";
  if (!fresh.validity()) return {};
  if (fresh.validity()->until <= now) return file + ": has expired";
  if (fresh.validity()->from > now + kClocksApart) return file + ": is not valid yet: is the clock right?";
  return {};
}

void CredentialRotation::refuse(const std::string& why, bool asked) {
  const bool again = std::exchange(refusal_, why) == why;
  if (!again) refusal_told_ = false;
  if (refusal_told_ || (!again && !asked)) return;
  refusal_told_ = true;
  spdlog::warn("broker: the new certificate is not used, the old one stays: {}", why);
}

std::shared_ptr<const Credentials> CredentialRotation::for_attempt() {
  trying_candidate_ = candidate_ && !trying_candidate_;
  return trying_candidate_ ? candidate_ : current_;
}

void CredentialRotation::came_up() {
  if (!candidate_) return;
  if (!trying_candidate_)
    return refuse("the broker takes the old one only: was the new one issued by an authority that it trusts?", true);
  current_ = std::exchange(candidate_, nullptr);
  trying_candidate_ = false;
  refusal_.clear();
  spdlog::info("broker: the new certificate is in use");
}

Warnings CredentialRotation::warnings(Time now) const {
  Warnings result;
  if (!refusal_.empty() && refusal_told_)
    result.push_back({warning::kCertificateRefused, "the new certificate is not used, the old one stays: " + refusal_});
  if (const auto& validity = current_->validity()) {
    const auto left = validity->until - now;
    const auto warn_before =
        std::min<std::chrono::seconds>(kWarnBefore, (validity->until - validity->from) / kWarnInLast);
    const std::string renew = ": put a new one and its key into the same files; it is used within a minute";
    if (left <= std::chrono::seconds{0})
      result.push_back({warning::kCertificateExpires, "this gateway's certificate has expired" + renew});
    else if (left <= warn_before)
      result.push_back(
          {warning::kCertificateExpires, "this gateway's certificate expires in " + days_text(left) + renew});
  }
  return result;
}

}  // namespace beacon_gateway::mqtt
