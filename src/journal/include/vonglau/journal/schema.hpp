// The journal's tables.
#pragma once

#include <vonglau/store/migrations.hpp>

namespace vl::journal {

store::MigrationSet migrations();

}  // namespace vl::journal
