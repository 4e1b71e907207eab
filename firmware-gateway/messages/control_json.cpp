#include "messages/control_json.hpp"

#include <nlohmann/json.hpp>

namespace beacon_gateway {
namespace {

using Json = nlohmann::ordered_json;

// Texts may come from files in any encoding: what is not UTF-8 is replaced, not thrown.
std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string to_json(const ControlQuestion& question) {
  return dump({{"command", question.command},
               {"shopper", question.shopper},
               {"file", question.file},
               {"text", question.text},
               {"replace", question.replace},
               {"dry_run", question.dry_run},
               {"json", question.json}});
}

std::string to_json(const ControlAnswer& answer) {
  return dump({{"status", answer.status}, {"out", answer.out}, {"err", answer.err}});
}

std::optional<ControlQuestion> control_question_from_json(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    return ControlQuestion{json.at("command"), json.at("shopper"), json.at("file"), json.at("text"),
                           json.at("replace"), json.at("dry_run"), json.at("json")};
  } catch (const Json::exception&) {
    return std::nullopt;  // the asker is told
  }
}

std::optional<ControlAnswer> control_answer_from_json(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    return ControlAnswer{json.at("status"), json.at("out"), json.at("err")};
  } catch (const Json::exception&) {
    return std::nullopt;  // the asker is told
  }
}

}  // namespace beacon_gateway
