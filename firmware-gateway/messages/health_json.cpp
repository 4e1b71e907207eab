#include "messages/health_json.hpp"

#include <nlohmann/json.hpp>

#include "messages/text_forms.hpp"

namespace beacon_gateway {

std::string health_json(const Health& health) {
  const OutboxTotals& outbox = health.outbox;
  using Json = nlohmann::ordered_json;
  Json counts = Json::object();
  for (std::size_t i = 0; i < kCounts; ++i)
    counts[std::string{name(static_cast<Count>(i))}] = health.counters[static_cast<Count>(i)];
  Json warnings = Json::array();
  for (const Warning& warning : health.warnings) warnings.push_back(warning.name);
  return Json{{"time", wall_time_text(health.at)},
              {"open_visits", health.open_visits},
              {"outbox",
               {{"recorded", outbox.recorded},
                {"delivered", outbox.delivered},
                {"expired", outbox.expired},
                {"dead_letter", outbox.dead_letter},
                {"withdrawn", outbox.withdrawn},
                {"evicted", outbox.evicted},
                {"damaged", outbox.damaged},
                {"missing", outbox.missing},
                {"waiting", outbox.waiting},
                {"octets", outbox.octets},
                {"begun_anew", outbox.begun_anew}}},
              {"warnings", warnings},
              {"counters", counts}}
      .dump();
}

}  // namespace beacon_gateway
