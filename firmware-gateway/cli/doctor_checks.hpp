// The checks of `doctor`: facts that were gathered -> findings. All but those of files are pure.
#pragma once

#include <optional>
#include <string>

#include "cli/consent_counts.hpp"
#include "cli/edges.hpp"
#include "cli/finding.hpp"
#include "core/bluetooth_report.hpp"
#include "core/broker_report.hpp"
#include "messages/daemon_state.hpp"
#include "settings/read_settings.hpp"

namespace beacon_gateway {

// doctor_site.cpp
void check_configuration(const SettingsResult& result, Findings& findings);
void check_clock(const Settings& settings, const Instant& now, Findings& findings);
void check_store(const Settings& settings, const Edges& edges, Findings& findings);
void check_calibration(const Shop& shop, Findings& findings);

// doctor_journey.cpp. No daemon, no counts: none runs, or nobody may be asked.
void check_daemon(const Settings& settings, const std::optional<DaemonState>& daemon, Findings& findings);
void check_profiles(const std::optional<DaemonState>& daemon, const std::optional<ConsentCounts>& counts,
                    Findings& findings);
// Of campaigns.d, unless a set of the orchestrator decides: the daemon checked that one as it came.
void check_campaigns(const Settings& settings, const std::optional<DaemonState>& daemon,
                     const std::optional<ConsentCounts>& counts, WallTime now, Findings& findings);

// doctor_radio.cpp
void check_bluetooth(const Settings& settings, const BluetoothReport& report, Findings& findings);
// What the scanners hear: by the daemon's status, or by listening.
void check_scanners(const Settings& settings, const RadioStatus& status, Findings& findings);
// A sentence on what hearing each device once a scan costs; for `check` too.
[[nodiscard]] std::string cost_of_filtering(const VisitRules& rules, Language language);
[[nodiscard]] bool filtering_stops_visits(const VisitRules& rules);

// doctor_broker.cpp
void check_broker(const BrokerReport& report, bool logged_in, WallTime now, Findings& findings);
void check_trusted_keys(const DownlinkSettings& downlink, Findings& findings);

}  // namespace beacon_gateway
