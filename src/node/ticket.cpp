#include <vonglau/base/json.hpp>
#include <vonglau/node/ticket.hpp>

namespace vl::node {

std::string sign_ticket(const MediaTicket& ticket, const SigningKey& key) {
  const std::string body = to_base64url(as_bytes(json::write(ticket)));
  return body + "." + to_base64url(key.sign(as_bytes(body)));
}

Result<MediaTicket> check_ticket(std::string_view text, ByteView public_key, WallTime now) {
  const auto refuse = [](std::string why) {
    return fail(NodeError::bad_ticket, std::move(why) + "; ask the core for a new ticket",
                "ticket");
  };
  const auto dot = text.find('.');
  if (text.size() > 2048 || dot == std::string_view::npos) return refuse("this is no ticket");
  const auto signature = from_base64url(text.substr(dot + 1));
  if (!signature || !signature_is_valid(as_bytes(text.substr(0, dot)), *signature, public_key))
    return refuse("the ticket is not signed by this core");
  const auto body = from_base64url(text.substr(0, dot));
  if (!body) return refuse("this is no ticket");
  auto ticket = json::read_text<MediaTicket>(as_text(*body), json::Unknown::ignore);
  if (!ticket) return refuse("this is no ticket of this version");
  if (ticket->expires_us < now)
    return fail(NodeError::ticket_expired, "the ticket has expired; ask for a new one", "ticket");
  return ticket;
}

}  // namespace vl::node
