// The smallest good configuration, and what is said of a changed one.
#pragma once

#include <string>
#include <vector>

#include "settings/read_settings.hpp"

namespace beacon_gateway_test {

inline const std::string kSmallShop =
    "[gateway]\n"           // 1
    "tenant = \"acme\"\n"   // 2
    "store = \"s-1\"\n"     // 3
    "id = \"gw-1\"\n"       // 4
    "[[scanner]]\n"         // 5
    "adapter = \"hci0\"\n"  // 6
    "zone = \"door\"\n"     // 7
    "[[zone]]\n"            // 8
    "id = \"door\"\n"       // 9
    "entrance = true\n";    // 10; what is appended starts at line 11

inline const std::string kGoodCampaign =
    "[[campaign]]\n"            // 1
    "id = \"hello\"\n"          // 2
    "kind = \"welcome\"\n"      // 3
    "on = \"visit.started\"\n"  // 4
    "[[campaign.variant]]\n"    // 5
    "id = \"a\"\n"              // 6
    "title.th = \"สวัสดี\"\n"     // 7
    "body.th = \"ยินดีต้อนรับ\"\n"  // 8
    ;                           // what is appended starts at line 9, in the variant

inline beacon_gateway::SettingsResult read(const std::string& gateway, const std::string& campaigns = {}) {
  std::vector<beacon_gateway::ConfigurationFile> files{{"gateway.toml", gateway}};
  if (!campaigns.empty()) files.push_back({"campaigns.d/c.toml", campaigns});
  return beacon_gateway::read_settings(files, "/etc/beacon-gateway");
}

// "LINE:COL error: text | hint", one a fault.
inline std::vector<std::string> said(const beacon_gateway::SettingsResult& result) {
  std::vector<std::string> lines;
  for (const auto& fault : result.faults) {
    const std::string severity = fault.severity == beacon_gateway::Severity::error ? "error" : "warning";
    lines.push_back(std::to_string(fault.at.line) + ':' + std::to_string(fault.at.column) + ' ' + severity + ": " +
                    fault.text + (fault.hint.empty() ? "" : " | " + fault.hint));
  }
  return lines;
}

inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  return at == std::string::npos ? "NOT FOUND: " + from : text.replace(at, from.size(), to);
}

}  // namespace beacon_gateway_test
