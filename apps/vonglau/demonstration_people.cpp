#include "demonstration_people.hpp"

#include <algorithm>

namespace vl::app {

const std::vector<DemonstrationPerson>& demonstration_people() {
  using enum access::Role;
  static const std::vector<DemonstrationPerson> people = {
      {{"truc-ban", "vong-lau-thu", "Trần Minh Đức (trực ban trưởng)"},
       {duty_officer, call_taker, dispatcher}},
      {{"tiep-nhan", "vong-lau-thu", "Nguyễn Thị An (tiếp nhận)"}, {call_taker}},
      {{"dieu-phoi", "vong-lau-thu", "Lê Văn Bình (điều phối)"}, {dispatcher}},
      {{"ky-thuat", "vong-lau-thu", "Phạm Quốc Khánh (kỹ thuật)"}, {engineer}},
      {{"quan-tri", "vong-lau-thu", "Vũ Thu Hà (quản trị)"}, {administrator}},
      {{"quan-tri-2", "vong-lau-thu", "Đỗ Hải Yến (quản trị)"}, {administrator}},
      {{"kiem-tra", "vong-lau-thu", "Hoàng Gia Lâm (kiểm tra)"}, {auditor}},
      {{"mo-phong", "vong-lau-gia-lap", "Mô phỏng"},
       {duty_officer, call_taker, dispatcher, engineer},
       false},
  };
  return people;
}

const DemonstrationPerson& simulator_person() {
  return demonstration_people().back();
}

Result<void> create_demonstration_people(access::Accounts& accounts) {
  VL_TRY(const auto present, accounts.list());
  for (const auto& person : demonstration_people()) {
    const auto is_person = [&](const auto& a) { return a.login == person.sign_in.login; };
    if (std::ranges::any_of(present, is_person)) continue;
    VL_CHECK(accounts.create(journal::Actor::system(), std::nullopt,
                             {person.sign_in.login, person.sign_in.display_name, std::nullopt,
                              person.roles, person.sign_in.password}));
  }
  return {};
}

}  // namespace vl::app
