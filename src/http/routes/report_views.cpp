#include "report_views.hpp"

namespace vl::routes {

namespace bj = boost::json;

namespace {

void put(bj::object& object, std::string_view name, std::optional<std::string> text) {
  if (text) object[name] = *text;
}

Result<bj::object> report_personal(store::Session& session, const incidents::ReportRow& row,
                                   PersonalReader& reader) {
  VL_CHECK(reader.prepare(session,
                          {row.place_item, row.name_item, row.number_item, row.narrative_item}));
  bj::object personal;
  VL_TRY(auto place, reader.open(session, row.place_item));
  VL_TRY(auto name, reader.open(session, row.name_item));
  VL_TRY(auto number, reader.open(session, row.number_item));
  VL_TRY(auto narrative, reader.open(session, row.narrative_item));
  put(personal, "place_text", std::move(place));
  put(personal, "caller_name", std::move(name));
  put(personal, "caller_number", std::move(number));
  put(personal, "narrative", std::move(narrative));
  return personal;
}

}  // namespace

Result<bj::object> report_detail(Core& core, store::Session& session,
                                 const incidents::ReportRow& row, const Caller& caller,
                                 PersonalReader* incident_reader) {
  bj::object out = json::value_of(row).as_object();
  if (row.claimed_by == caller.person) {
    PersonalReader own(core, actor_of(caller),
                       {caller.person, {"report", row.id.value}, "claimed_report"});
    VL_TRY(out["personal"], report_personal(session, row, own));
  } else if (incident_reader != nullptr) {
    VL_TRY(out["personal"], report_personal(session, row, *incident_reader));
  } else {
    out["personal_withheld"] = "claim the report to read it";
  }
  return out;
}

Result<std::optional<PersonalReader>> incident_reader(Core& core, store::Session& session,
                                                      const incidents::IncidentRow& row,
                                                      const Caller& caller) {
  using enum access::Role;
  std::string reason;
  if (caller.roles.has(duty_officer)) {
    reason = "duty_officer";
  } else if (caller.roles.has(dispatcher) && row.state == "open") {
    reason = "dispatch";
  } else if (caller.roles.meets({call_taker, dispatcher})) {
    VL_TRY(const bool worked,
           incidents::has_worked_on(session, core.province, row.id, {caller.person}));
    if (worked) reason = "worked_on_incident";
  }
  if (reason.empty()) return std::nullopt;
  return PersonalReader(core, actor_of(caller),
                        {caller.person, {"incident", row.id.value}, std::move(reason)});
}

Result<bj::object> incident_detail(Core& core, store::Session& session,
                                   const incidents::IncidentRow& row, const Caller& caller) {
  bj::object out = json::value_of(row).as_object();
  VL_TRY(auto reader, incident_reader(core, session, row, caller));
  VL_TRY(const auto notes, incidents::notes(session, core.province, row.id));
  VL_TRY(const auto attachments, incidents::attachments(session, core.province, row.id));
  if (reader) {
    std::vector<std::optional<Uuid>> items{row.place_item, row.summary_item};
    for (const auto& note : notes) items.emplace_back(note.text_item);
    for (const auto& a : attachments) {
      items.emplace_back(a.name_item);
      items.emplace_back(a.content_item);
    }
    VL_CHECK(reader->prepare(session, items));
    bj::object personal;
    VL_TRY(auto place, reader->open(session, row.place_item));
    VL_TRY(auto summary, reader->open(session, row.summary_item));
    put(personal, "place_text", std::move(place));
    put(personal, "summary", std::move(summary));
    out["personal"] = std::move(personal);
  }
  bj::array reports_json;
  VL_TRY(const auto reports, incidents::reports_of(session, core.province, row.id));
  for (const auto& report : reports) {
    VL_TRY(auto detail, report_detail(core, session, report, caller, reader ? &*reader : nullptr));
    reports_json.push_back(std::move(detail));
  }
  out["reports"] = std::move(reports_json);
  bj::array notes_json;
  for (const auto& note : notes) {
    bj::object one{
        {"id", note.id.text()}, {"author_id", note.author_id.text()}, {"at_us", note.at_us.us}};
    if (reader) {
      VL_TRY(auto text, reader->open(session, note.text_item));
      put(one, "text", std::move(text));
    }
    notes_json.push_back(std::move(one));
  }
  out["notes"] = std::move(notes_json);
  bj::array attachments_json;
  for (const auto& a : attachments) {
    bj::object one{{"id", a.id.text()},
                   {"media_type", a.media_type},
                   {"size_bytes", a.size_bytes},
                   {"at_us", a.at_us.us},
                   {"author_id", a.author_id.text()}};
    if (reader) {
      VL_TRY(auto name, reader->open(session, a.name_item));
      put(one, "name", std::move(name));
      auto about =
          core.vault.about_attachment(session, vault::ItemId{a.content_item}, reader->purpose());
      if (about) one["sha256"] = to_hex(about->sha256);
    }
    attachments_json.push_back(std::move(one));
  }
  out["attachments"] = std::move(attachments_json);
  return out;
}

}  // namespace vl::routes
