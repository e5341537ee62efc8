// Names of real roads and the places through which they lead, in rough order: common knowledge of
// any road map. Nothing here says where exactly they run: the demonstration draws its own courses.
// Kilometres at the first end are rounded from the posts that travellers see.
#include "road_facts.hpp"

namespace vl::places {
namespace {

using enum RoadClass;

constexpr RoadFact kRoads[] = {
    {"QL1A", trunk,
     "@10 07399 07375 07432 07210 07696 07795 09169 09286 09325 09319 09385 09367 @225", 94},
    {"QL18", trunk, "@285 09238 09193 09208 09187 09190 09325 09286 09265 09247 09301 09292 @110",
     0},
    {"QL17", trunk,
     "@235 09433 09427 09400 09409 09487 09469 09295 09247 07681 07696 07228 07777 07351 "
     "07339 07306 07288 07264 07246 @320",
     12},
    {"QL37", trunk, "@140 07519 07498 07444 07432 07210 07228 07777 07774 07840 07822 @315", 76},
    {"QL31", trunk, "07210 07432 07444 07612 07525 07582 07573 07642 07615 07654 07621 @60", 0},
    {"QL38", trunk, "09190 09325 09343 09400 09430 @150", 0},
    {"QL279", trunk, "@150 07672 07615 07627 07573 07537 07531 @350", 52},
    {"ĐT295B", provincial, "09367 09385 09319 09190 09187 09169 07795 07777 07228 07210", 0},
    {"ĐT295", provincial,
     "09367 09370 09193 09205 07870 07840 07351 07339 07330 07420 07375 07462 07444", 0},
    {"ĐT276", provincial, "09193 09370 09319 09334 09349 09427", 0},
    {"ĐT277", provincial, "09385 09379 09238 09193", 0},
    {"ĐT277B", provincial, "09367 09379", -1},
    {"ĐT278", provincial, "09247 09253 09169", 0},
    {"ĐT279", provincial, "09247 09295 09301", 0},
    {"ĐT280", provincial, "09400 09409 09454 09496 09529 @190", 0},
    {"ĐT281", provincial, "09430 09529 09496 09499 @110", 0},
    {"ĐT282", provincial, "09433 09445 09430 09454 09475 09466", 0},
    {"ĐT283", provincial, "09427 09433 09445", 0},
    {"ĐT284", provincial, "09487 09469 09475 09499 09523", 0},
    {"ĐT285", provincial, "09469 09475 09496 09523 @180", 0},
    {"ĐT286", provincial, "09187 09208 09205 09193 09202 @280", 0},
    {"ĐT287", provincial, "09367 09340 09334 09343 09313 09295", 0},
    {"ĐT242", provincial, "07294 07282 07264", 0},
    {"ĐT248", provincial, "07525 07543 07531 07534 @40", 0},
    {"ĐT288", provincial, "07840 07870 07798", 0},
    {"ĐT289", provincial, "07525 07552", 0},
    {"ĐT290", provincial, "07612 07603 07582", 0},
    {"ĐT291", provincial, "07642 07663 07616", 0},
    {"ĐT292", provincial, "07399 07381 07294 07288 07264", 0},
    {"ĐT293", provincial, "07210 07699 07682 07498 07486 07489 07492 07616 07672", 0},
    {"ĐT294", provincial, "07294 07306 07333 07351", 0},
    {"ĐT296", provincial, "07840 07864 @290", 0},
    {"ĐT297", provincial, "07333 07306 07330 07381", 0},
    {"ĐT298", provincial, "07351 07774 07798 09187", 0},
    {"ĐT299", provincial, "07699 07681 07738", 0},
    {"ĐT398", provincial, "07795 07696 07681 07738 07735 @120", 0},
};

constexpr std::string_view kStreets[] = {
    "Lý Thái Tổ",
    "Trần Hưng Đạo",
    "Hùng Vương",
    "Lê Lợi",
    "Nguyễn Trãi",
    "Quang Trung",
    "Ngô Gia Tự",
    "Nguyễn Văn Cừ",
    "Hoàng Văn Thụ",
    "Xương Giang",
    "Lý Thường Kiệt",
    "Hai Bà Trưng",
    "Nguyễn Thị Minh Khai",
    "Lê Hồng Phong",
    "Hoàng Hoa Thám",
    "Nguyễn Du",
    "Trần Phú",
    "Lê Thái Tổ",
    "Nguyễn Cao",
    "Thân Nhân Trung",
    "Lương Văn Nắm",
    "Nguyễn Đăng Đạo",
    "Bình Than",
    "Kinh Dương Vương",
    "Thiên Đức",
    "Nguyễn Huệ",
    "Võ Thị Sáu",
    "Trần Quốc Toản",
    "Phan Bội Châu",
    "Phan Chu Trinh",
    "Đinh Tiên Hoàng",
    "Lê Lai",
    "Nguyên Phi Ỷ Lan",
    "Vạn Hạnh",
    "Lý Nhân Tông",
    "Lý Thánh Tông",
    "Lê Chân",
    "Ngô Quyền",
    "Trần Nguyên Hãn",
    "Nguyễn Khuyến",
    "Cao Bá Quát",
    "Tô Hiến Thành",
    "Chu Văn An",
    "Nguyễn Công Trứ",
    "Yết Kiêu",
    "Bà Triệu",
    "Trần Quang Khải",
    "Lê Quý Đôn",
    "Nguyễn Bỉnh Khiêm",
    "Đào Sư Tích",
    "Giáp Hải",
    "Thân Công Tài",
    "Cô Giang",
    "Cô Bắc",
    "Đồng Khởi",
    "Trường Chinh",
    "Tôn Đức Thắng",
    "Hoàng Quốc Việt",
    "Nguyễn Chí Thanh",
    "Văn Tiến Dũng",
};

constexpr std::string_view kCities[] = {"07210", "09187", "09190", "09169", "09367"};

constexpr std::string_view kTowns[] = {
    "07288", "07294", "07306", "07339", "07375", "07399", "07444", "07573", "07582",
    "07615", "07616", "07840", "07870", "09193", "09319", "09454", "09475", "09496",
};

}  // namespace

std::span<const RoadFact> road_facts() {
  return kRoads;
}
std::span<const std::string_view> street_names() {
  return kStreets;
}
std::span<const std::string_view> city_codes() {
  return kCities;
}
std::span<const std::string_view> town_codes() {
  return kTowns;
}

}  // namespace vl::places
