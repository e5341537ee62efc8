#include <vonglau/journal/upcast.hpp>

namespace vl::journal {

Result<Event> Upcasters::lift(Event event) const {
  for (;;) {
    const auto found = lifts_.find({event.type, event.version});
    if (found == lifts_.end()) return event;
    VL_TRY(event.body, found->second(event.body));
    ++event.version;
  }
}

}  // namespace vl::journal
