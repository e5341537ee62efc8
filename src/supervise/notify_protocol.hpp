// One byte a word, from the child to the supervisor, through a pipe that the child inherits.
#pragma once

namespace vl::supervise {

inline constexpr const char* notify_variable = "VONGLAU_NOTIFY_FD";
inline constexpr char word_ready = 'R';
inline constexpr char word_alive = 'A';

}  // namespace vl::supervise
