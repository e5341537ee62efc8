// The district-level units of old Bac Giang and old Bac Ninh, which ended on 30 June 2025: facts.
//
// Sources: statistical codes of decision 124/2004/QD-TTg; the two provinces came back on
// 1 January 1997 (National Assembly, 6 November 1996); decree 68/1999/ND-CP (Tien Du, Tu Son, Gia
// Binh, Luong Tai, from 1 September 1999); decree 75/2005/ND-CP (Bac Giang city); decree
// 15/2006/ND-CP (Bac Ninh city); decree 01/2008 and resolution 387/NQ-UBTVQH15 (Tu Son); resolution
// 723/NQ-UBTVQH15 (Que Vo and Thuan Thanh, from 10 April 2023); 938/NQ-UBTVQH15 (Viet Yen, from
// 1 February 2024); 1191/NQ-UBTVQH15 (Yen Dung into Bac Giang city, Chu out of Luc Ngan, from
// 1 January 2025). Districts older than 1997 carry 1997-01-01 as their first day: nothing earlier
// is recorded here.
#include "facts.hpp"

namespace vl::places {
namespace {

constexpr std::string_view kEnd = "2025-06-30";

// code, full name, province, from, to, successors, seat
constexpr FormerDistrictFact kFormerDistricts[] = {
    {"213", "Thị xã Bắc Giang", "24", "1997-01-01", "2005-06-06", "213", "07210"},
    {"213", "Thành phố Bắc Giang", "24", "2005-06-07", kEnd, "*", "07210"},
    {"215", "Huyện Yên Thế", "24", "1997-01-01", kEnd, "*", "07288"},
    {"216", "Huyện Tân Yên", "24", "1997-01-01", kEnd, "*", "07339"},
    {"217", "Huyện Lạng Giang", "24", "1997-01-01", kEnd, "*", "07375"},
    {"218", "Huyện Lục Nam", "24", "1997-01-01", kEnd, "*", "07444"},
    {"219", "Huyện Lục Ngạn", "24", "1997-01-01", "2024-12-31", "219 224", "07525"},
    {"219", "Huyện Lục Ngạn", "24", "2025-01-01", kEnd, "*", "07582"},
    {"220", "Huyện Sơn Động", "24", "1997-01-01", kEnd, "*", "07615"},
    {"221", "Huyện Yên Dũng", "24", "1997-01-01", "2024-12-31", "213", "07681"},
    {"222", "Huyện Việt Yên", "24", "1997-01-01", "2024-01-31", "222", "07777"},
    {"222", "Thị xã Việt Yên", "24", "2024-02-01", kEnd, "*", "07777"},
    {"223", "Huyện Hiệp Hòa", "24", "1997-01-01", kEnd, "*", "07840"},
    {"224", "Thị xã Chũ", "24", "2025-01-01", kEnd, "*", "07525"},
    {"256", "Thị xã Bắc Ninh", "27", "1997-01-01", "2006-01-25", "256", "09187"},
    {"256", "Thành phố Bắc Ninh", "27", "2006-01-26", kEnd, "*", "09187"},
    {"258", "Huyện Yên Phong", "27", "1997-01-01", kEnd, "*", "09193"},
    {"259", "Huyện Quế Võ", "27", "1997-01-01", "2023-04-09", "259", "09247"},
    {"259", "Thị xã Quế Võ", "27", "2023-04-10", kEnd, "*", "09247"},
    {"260", "Huyện Tiên Du", "27", "1999-09-01", kEnd, "*", "09319"},
    {"261", "Huyện Từ Sơn", "27", "1999-09-01", "2008-09-23", "261", "09367"},
    {"261", "Thị xã Từ Sơn", "27", "2008-09-24", "2021-10-31", "261", "09367"},
    {"261", "Thành phố Từ Sơn", "27", "2021-11-01", kEnd, "*", "09367"},
    {"262", "Huyện Thuận Thành", "27", "1997-01-01", "2023-04-09", "262", "09400"},
    {"262", "Thị xã Thuận Thành", "27", "2023-04-10", kEnd, "*", "09400"},
    {"263", "Huyện Gia Bình", "27", "1999-09-01", kEnd, "*", "09454"},
    {"264", "Huyện Lương Tài", "27", "1999-09-01", kEnd, "*", "09496"},
};

}  // namespace

std::span<const FormerDistrictFact> former_district_facts() {
  return kFormerDistricts;
}

}  // namespace vl::places
