#include "bench/workload/region.h"

#include <array>

#include "engine/check.h"

namespace lumbung {

namespace {

constexpr int32_t kWib = 7 * 60;

struct Village {
  std::string_view name;
  uint32_t members;
};

// Desa of Kecamatan Wonosari, Kabupaten Klaten.
constexpr std::array<Village, kMaxCooperatives> kVillages = {{
    {"Bentangan", 1190},
    {"Lumbungkerep", 870},
    {"Teloyo", 1420},
    {"Sidowarno", 1310},
    {"Ngreden", 960},
    {"Pandanan", 1105},
    {"Bener", 780},
    {"Bolali", 840},
    {"Boto", 1015},
    {"Bulan", 690},
    {"Duwet", 905},
    {"Gunting", 730},
    {"Jelobo", 1250},
    {"Kingkang", 810},
    {"Sekaran", 640},
    {"Sukorejo", 985},
    {"Tegalgondo", 1380},
    {"Wadunggetas", 1060},
}};

// The groceries make 60 % of the sales.
constexpr std::array<BranchPlan, 6> kBranches = {{
    {BranchId{1}, "Kantor (office)", 2},
    {BranchId{2}, "Sembako (groceries)", 60},
    {BranchId{3}, "Simpan pinjam (savings and loan)", 3},
    {BranchId{4}, "Klinik (clinic)", 8},
    {BranchId{5}, "Apotek (pharmacy)", 15},
    {BranchId{6}, "Gudang (cold storage and logistics)", 12},
}};

// Each branch has one POS terminal, the busy ones more.
constexpr std::array<uint16_t, 9> kBranchOfTerminal = {1, 2, 2, 2, 3, 3, 4, 5, 6};

Policy PolicyOf(size_t rank) {
  Policy policy;
  policy.platform_fee_basis_points = 20;
  if (rank == 2) policy.vat_basis_points = 1'100;          // a registered business
  if (rank == 3) policy.transfer_fee = Amount{500 * 100};  // Rp500 a transfer
  return policy;
}

}  // namespace

AccountId CooperativePlan::Own(AccountCode code) const { return Of(code, 0); }

AccountId CooperativePlan::Of(AccountCode code, uint32_t holder) const {
  return AccountId::From({.cooperative = id, .code = code, .holder = HolderNumber{holder}});
}

bool IsFrozen(uint32_t member) { return member % 197 == 101; }
bool IsLimited(uint32_t member) { return member % 53 == 7; }
bool HasLoan(uint32_t member) { return member % 4 == 0; }

std::vector<CooperativePlan> KlatenRegion(size_t cooperatives) {
  LUMBUNG_CHECK(cooperatives >= 1 && cooperatives <= kMaxCooperatives);
  std::vector<CooperativePlan> region;
  for (size_t rank = 0; rank < cooperatives; ++rank) {
    CooperativePlan plan;
    plan.id = CooperativeId{kBentangan.value() + static_cast<uint32_t>(rank)};
    plan.name = "KDMP " + std::string(kVillages[rank].name);
    plan.zone_minutes = kWib;
    plan.members = kVillages[rank].members;
    plan.policy = PolicyOf(rank);
    plan.branches.assign(kBranches.begin(), kBranches.end());
    for (size_t i = 0; i < kBranchOfTerminal.size(); ++i) {
      const uint16_t number = static_cast<uint16_t>(i + 1);
      plan.terminals.push_back({.id = TerminalId{number},
                                .branch = BranchId{kBranchOfTerminal[i]},
                                .name = "POS " + std::to_string(number)});
    }
    region.push_back(std::move(plan));
  }
  return region;
}

}  // namespace lumbung
