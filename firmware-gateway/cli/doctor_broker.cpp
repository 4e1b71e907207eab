// The way to the broker, and who is believed.
#include "cli/doctor_checks.hpp"
#include "messages/signed_message.hpp"

namespace beacon_gateway {
namespace {

// Time enough to get a new certificate to a shop.
constexpr int kSoonDays = 30;

constexpr Sentence kReached{"{} can be reached", "ติดต่อ {} ได้"};
constexpr Sentence kLoggedIn{"{} lets {} in", "{} ให้ {} เข้าระบบได้"};
constexpr FindingText kNoName{{"the name {0} does not resolve", "หาที่อยู่ของ {0} ไม่พบ"},
                              {"{1}", "{1}"},
                              {"is the network cable in? `resolvectl status`; else correct `url` under [broker]",
                               "เสียบสายเครือข่ายหรือยัง `resolvectl status` หรือแก้ `url` ใต้ [broker]"}};
constexpr FindingText kNoConnection{
    {"{0} does not answer", "{0} ไม่ตอบ"},
    {"{1}", "{1}"},
    {"let the port in `url` out of the shop's network (MQTT over TLS: TCP 8883), or tell the integrator that the broker"
     " is down",
     "เปิดพอร์ตใน `url` ในเครือข่ายของร้าน (MQTT ผ่าน TLS: TCP 8883) หรือแจ้งผู้ดูแลระบบว่าโบรกเกอร์หยุดทำงาน"}};
constexpr FindingText kNoEncryption{
    {"the encrypted link to {0} fails", "เชื่อมต่อแบบเข้ารหัสกับ {0} ไม่สำเร็จ"},
    {"{1}", "{1}"},
    {"is the clock right, `ca_file` that of this broker, the name in `url` the one in its certificate? Else tell the"
     " integrator",
     "นาฬิกาตรงหรือไม่ `ca_file` เป็นของโบรกเกอร์นี้หรือไม่ ชื่อใน `url` ตรงกับใบรับรองหรือไม่ มิฉะนั้นแจ้งผู้ดูแลระบบ"}};
constexpr FindingText kNoLogin{{"{0} does not let {2} in", "{0} ไม่ให้ {2} เข้าระบบ"},
                               {"{1}", "{1}"},
                               {"tell the integrator this client id; is `cert_file` that of this box?",
                                "แจ้งรหัสนี้ให้ผู้ดูแลระบบ `cert_file` เป็นของกล่องนี้หรือไม่"}};
constexpr FindingText kBrokerCertificate{
    {"the broker's certificate ends in {0} days", "ใบรับรองของโบรกเกอร์หมดอายุในอีก {0} วัน"},
    {"it was not renewed", "ยังไม่ได้ต่ออายุ"},
    {"tell the integrator", "แจ้งผู้ดูแลระบบ"}};
constexpr FindingText kOwnCertificate{
    {"the certificate of this box ends in {0} days", "ใบรับรองของกล่องนี้หมดอายุในอีก {0} วัน"},
    {"it was not renewed", "ยังไม่ได้ต่ออายุ"},
    {"get a new `cert_file` and `key_file` from the integrator, then restart the gateway",
     "ขอ `cert_file` และ `key_file` ใหม่จากผู้ดูแลระบบ แล้วเริ่มเกตเวย์ใหม่"}};

constexpr Sentence kKeysGood{"{} can be read", "อ่านได้ {} ไฟล์"};
constexpr FindingText kKeyFault{
    {"a trusted key cannot be read", "อ่านกุญแจที่เชื่อถือไม่ได้"},
    {"{0}", "{0}"},
    {"get the file from the integrator, or correct `trusted_keys`", "ขอไฟล์จากผู้ดูแลระบบ หรือแก้ `trusted_keys`"}};
constexpr FindingText kNoKeys{
    {"nobody is trusted: profiles come by `profiles import` only", "ไม่เชื่อถือใคร โปรไฟล์มาทาง `profiles import` เท่านั้น"},
    {"`trusted_keys` under [downlink] is empty", "`trusted_keys` ใต้ [downlink] ว่าง"},
    {"name the file of the orchestrator's public key there", "ใส่ไฟล์กุญแจสาธารณะของผู้ดูแลระบบ"}};
constexpr FindingText kUnsigned{
    {"what comes unsigned is believed", "เชื่อข้อความที่ไม่ลงนาม"},
    {"`allow_unsigned` is true", "`allow_unsigned` เป็น true"},
    {"for trials only: name `trusted_keys` and take it out", "ใช้ทดลองเท่านั้น ใส่ `trusted_keys` แล้วนำออก"}};

void check_end(const std::optional<WallTime>& end, const FindingText& text, WallTime now, Findings& findings) {
  if (!end) return;
  const auto days = std::chrono::floor<std::chrono::days>(*end - now).count();
  if (days < 0)
    findings.fault("broker", text, days);
  else if (days < kSoonDays)
    findings.note("broker", text, days);
}

}  // namespace

void check_broker(const BrokerReport& report, bool logged_in, WallTime now, Findings& findings) {
  check_end(report.broker_certificate_ends, kBrokerCertificate, now, findings);
  check_end(report.own_certificate_ends, kOwnCertificate, now, findings);
  if (!report.stopped_at)
    return logged_in ? findings.good("broker", kLoggedIn, report.host, report.client_id)
                     : findings.good("broker", kReached, report.host);
  const auto tell = [&](const FindingText& text) {
    findings.fault("broker", text, report.host, report.why, report.client_id);
  };
  switch (*report.stopped_at) {
    case BrokerStep::name:
      return tell(kNoName);
    case BrokerStep::connection:
      return tell(kNoConnection);
    case BrokerStep::encryption:
      return tell(kNoEncryption);
    case BrokerStep::login:
      return tell(kNoLogin);
  }
}

void check_trusted_keys(const DownlinkSettings& downlink, Findings& findings) {
  if (downlink.allow_unsigned) findings.note("keys", kUnsigned);
  if (const auto keys = TrustedKeys::read(downlink.trusted_keys); !keys)
    findings.fault("keys", kKeyFault, keys.error());
  else if (!keys->all().empty())
    findings.good("keys", kKeysGood, keys->all().size());
  else if (!downlink.allow_unsigned)
    findings.note("keys", kNoKeys);
}

}  // namespace beacon_gateway
