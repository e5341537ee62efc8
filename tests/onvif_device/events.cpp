// What the device tells of motion: subscriptions, and what waits in them to be pulled.
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "camera.hpp"

namespace {

constexpr const char* motion_topic = "tns1:RuleEngine/CellMotionDetector/Motion";

std::map<int, Subscription>::iterator subscription_of(soap* s) {
  const char* number = std::strstr(s->path, "?of=");
  const auto found = camera.subscriptions.find(number != nullptr ? std::atoi(number + 4) : -1);
  if (found == camera.subscriptions.end() || found->second.ends >= ::time(nullptr)) return found;
  camera.subscriptions.erase(found);
  return camera.subscriptions.end();
}
int no_subscription(soap* s) {
  return fault(s, "note:ResourceUnknownFault", "there is no such subscription");
}

note__Notified notified(soap* s, const Told& told) {
  note__Notified out;
  out.soap_default(s);
  out.Topic.__item = text(s, told.topic);
  out.Topic.Dialect = text(s, "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet");
  auto* message = soap_new_onv__Event(s);
  message->UtcTime = text(s, soap_dateTime2s(s, told.at));
  message->PropertyOperation = text(s, told.operation);
  const auto items = [&](std::initializer_list<std::pair<const char*, const char*>> all) {
    auto* list = soap_new_onv__ItemList(s);
    for (const auto& [name, value] : all) {
      onv__SimpleItem item;
      item.soap_default(s);
      item.Name = text(s, name);
      item.Value = text(s, value);
      list->SimpleItem.push_back(item);
    }
    return list;
  };
  message->Source = items({{"VideoSourceConfigurationToken", "lens"}, {"Rule", "<all> & more"}});
  const bool is_motion = told.topic == std::string_view(motion_topic);
  message->Data =
      items({{is_motion ? "IsMotion" : "LogicalState", told.moving ? "true" : "false"}});
  out.Message.onv__Message = message;
  return out;
}

}  // namespace

void tell_motion(bool moving) {
  const std::scoped_lock lock(camera.mutex);
  camera.motion = moving;
  for (auto& [number, subscription] : camera.subscriptions)
    subscription.waiting.push_back({::time(nullptr), motion_topic, moving, "Changed"});
}

int __evt__CreatePullPointSubscription(soap* s, _evt__CreatePullPointSubscription* in,
                                       _evt__CreatePullPointSubscriptionResponse& out) {
  if (const int error = refusal(s)) return error;
  if (!camera.events) return SOAP_NO_METHOD;
  if (in->Filter != nullptr && !camera.filters)
    return fault(s, "note:InvalidFilterFault", "filters are not understood here");
  const std::scoped_lock lock(camera.mutex);
  const int number = camera.next_subscription++;
  const time_t now = ::time(nullptr);
  auto& made = camera.subscriptions[number];
  made.ends =
      now + (in->InitialTerminationTime != nullptr ? *in->InitialTerminationTime / 1000 : 60);
  made.waiting.push_back({now, "tns1:Device/Trigger/DigitalInput", true, "Initialized"});
  made.waiting.push_back({now, motion_topic, camera.motion, "Initialized"});
  out.SubscriptionReference.Address = text(s, own_address("pull?of=" + std::to_string(number)));
  out.note__CurrentTime = text(s, soap_dateTime2s(s, now));
  out.note__TerminationTime = text(s, soap_dateTime2s(s, made.ends));
  return SOAP_OK;
}

int __evt__PullMessages(soap* s, _evt__PullMessages* in, _evt__PullMessagesResponse& out) {
  if (const int error = refusal(s)) return error;
  const std::scoped_lock lock(camera.mutex);
  const auto found = subscription_of(s);
  if (found == camera.subscriptions.end()) return no_subscription(s);
  auto& waiting = found->second.waiting;
  const auto count =
      std::min<std::size_t>(waiting.size(), static_cast<std::size_t>(in->MessageLimit));
  for (std::size_t i = 0; i < count; ++i)
    out.note__NotificationMessage.push_back(notified(s, waiting[i]));
  waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(count));
  out.CurrentTime = text(s, soap_dateTime2s(s, ::time(nullptr)));
  out.TerminationTime = text(s, soap_dateTime2s(s, found->second.ends));
  return SOAP_OK;
}

int __note__Renew(soap* s, _note__Renew* in, _note__RenewResponse& out) {
  if (const int error = refusal(s)) return error;
  const std::scoped_lock lock(camera.mutex);
  const auto found = subscription_of(s);
  if (found == camera.subscriptions.end()) return no_subscription(s);
  found->second.ends =
      ::time(nullptr) + (in->TerminationTime != nullptr ? *in->TerminationTime / 1000 : 60);
  out.TerminationTime = text(s, soap_dateTime2s(s, found->second.ends));
  out.CurrentTime = text(s, soap_dateTime2s(s, ::time(nullptr)));
  return SOAP_OK;
}

int __note__Unsubscribe(soap* s, _note__Unsubscribe*, _note__UnsubscribeResponse&) {
  if (const int error = refusal(s)) return error;
  const std::scoped_lock lock(camera.mutex);
  const auto found = subscription_of(s);
  if (found == camera.subscriptions.end()) return no_subscription(s);
  camera.subscriptions.erase(found);
  return SOAP_OK;
}
