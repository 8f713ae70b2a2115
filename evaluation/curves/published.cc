// Published learning curves, as data. Mean return over seeds after 100, 200, 500, 1000, 2000 and 4000
// thousand environment steps, from the result files published with TD-MPC2 (Hansen, Su and Wang, "TD-MPC2:
// Scalable, Robust World Models for Continuous Control", ICLR 2024; github.com/nicklashansen/tdmpc2,
// results/, MIT licence), rounded. Numbers of its DreamerV3 and SAC runs come from the same files. Empty: not
// reported.
#include <algorithm>
#include <array>
#include <string>

#include "evaluation/curves/compare.h"

namespace reverie::evaluation {
namespace {

constexpr std::array<double, 6> kSteps{100e3, 200e3, 500e3, 1000e3, 2000e3, 4000e3};

// task of the DeepMind Control Suite, algorithm, return at each of kSteps
constexpr std::string_view kTable = R"(acrobot-swingup,DreamerV3,101,178,322,327,383,363
acrobot-swingup,SAC,8,3,2,10,30,72
acrobot-swingup,TD-MPC2,179,296,361,518,611,663
cartpole-balance,DreamerV3,913,948,955,952,965,966
cartpole-balance,SAC,999,998,984,998,999,991
cartpole-balance,TD-MPC2,998,996,994,975,999,998
cartpole-balance-sparse,DreamerV3,971,958,967,921,994,942
cartpole-balance-sparse,SAC,808,807,1000,983,999,1000
cartpole-balance-sparse,TD-MPC2,1000,1000,1000,1000,1000,977
cartpole-swingup,DreamerV3,677,796,789,780,814,830
cartpole-swingup,SAC,835,842,835,839,835,826
cartpole-swingup,TD-MPC2,839,872,876,876,876,877
cartpole-swingup-sparse,DreamerV3,315,615,773,786,799,814
cartpole-swingup-sparse,SAC,0,55,531,790,799,822
cartpole-swingup-sparse,TD-MPC2,0,308,845,842,849,850
cheetah-jump,DreamerV3,392,424,517,613,637,707
cheetah-jump,SAC,427,393,598,645,660,710
cheetah-jump,TD-MPC2,576,600,709,803,809,823
cheetah-run,DreamerV3,336,353,494,638,649,757
cheetah-run,SAC,310,574,595,730,764,771
cheetah-run,TD-MPC2,519,614,758,844,860,896
cheetah-run-back,DreamerV3,286,303,397,490,612,644
cheetah-run-back,SAC,210,433,488,522,563,595
cheetah-run-back,TD-MPC2,462,567,711,800,833,846
cheetah-run-backwards,DreamerV3,442,357,501,599,622,670
cheetah-run-backwards,SAC,506,568,397,601,625,650
cheetah-run-backwards,TD-MPC2,520,594,680,706,724,754
cheetah-run-front,DreamerV3,206,289,337,450,481,541
cheetah-run-front,SAC,98,203,448,500,531,576
cheetah-run-front,TD-MPC2,311,491,666,677,675,694
cup-catch,DreamerV3,870,866,958,959,945,961
cup-catch,SAC,958,968,978,978,981,979
cup-catch,TD-MPC2,981,977,985,986,984,984
cup-spin,DreamerV3,625,697,709,759,732,801
cup-spin,SAC,718,720,723,725,727,678
cup-spin,TD-MPC2,843,846,848,847,848,848
dog-run,DreamerV3,0,6,5,,0,0
dog-run,SAC,8,9,9,12,7,11
dog-run,TD-MPC2,27,67,133,170,427,682
dog-stand,DreamerV3,51,27,27,20,18,19
dog-stand,SAC,33,31,72,113,141,57
dog-stand,TD-MPC2,147,526,700,799,933,949
dog-trot,DreamerV3,,,6,7,6,6
dog-trot,SAC,9,10,8,11,16,67
dog-trot,TD-MPC2,12,71,132,500,884,947
dog-walk,DreamerV3,,4,6,7,4,7
dog-walk,SAC,13,11,13,15,17,19
dog-walk,TD-MPC2,35,208,483,494,885,943
finger-spin,DreamerV3,328,509,752,758,661,741
finger-spin,SAC,762,807,873,878,936,980
finger-spin,TD-MPC2,948,974,985,986,989,991
finger-turn-easy,DreamerV3,228,542,914,912,921,891
finger-turn-easy,SAC,386,101,312,889,970,971
finger-turn-easy,TD-MPC2,488,768,855,918,981,982
finger-turn-hard,DreamerV3,190,378,804,819,898,927
finger-turn-hard,SAC,62,124,276,766,966,959
finger-turn-hard,TD-MPC2,484,797,876,975,918,977
fish-swim,DreamerV3,122,184,602,740,768,803
fish-swim,SAC,97,58,65,81,80,108
fish-swim,TD-MPC2,205,379,610,690,706,761
hopper-hop,DreamerV3,10,51,163,200,243,286
hopper-hop,SAC,0,0,38,70,107,117
hopper-hop,TD-MPC2,14,167,303,338,375,449
hopper-hop-backwards,DreamerV3,90,273,376,448,577,612
hopper-hop-backwards,SAC,0,0,0,136,161,228
hopper-hop-backwards,TD-MPC2,273,758,891,902,913,932
hopper-stand,DreamerV3,150,314,607,821,824,859
hopper-stand,SAC,2,46,1,302,597,601
hopper-stand,TD-MPC2,28,262,936,954,954,955
humanoid-run,DreamerV3,1,1,1,1,1,
humanoid-run,SAC,1,1,1,1,1,1
humanoid-run,TD-MPC2,1,1,108,185,316,461
humanoid-stand,DreamerV3,,5,4,,,267
humanoid-stand,SAC,5,4,5,6,7,8
humanoid-stand,TD-MPC2,6,37,422,664,913,918
humanoid-walk,DreamerV3,1,1,1,1,2,300
humanoid-walk,SAC,1,1,1,2,2,174
humanoid-walk,TD-MPC2,1,2,278,628,860,912
pendulum-spin,DreamerV3,775,835,817,821,818,805
pendulum-spin,SAC,497,504,503,504,507,506
pendulum-spin,TD-MPC2,838,843,845,846,845,843
pendulum-swingup,DreamerV3,699,733,740,810,807,809
pendulum-swingup,SAC,96,268,408,354,584,575
pendulum-swingup,TD-MPC2,724,824,842,819,837,838
quadruped-run,DreamerV3,126,69,239,768,716,793
quadruped-run,SAC,51,77,119,257,341,464
quadruped-run,TD-MPC2,239,759,940,938,948,954
quadruped-walk,DreamerV3,46,58,189,790,917,929
quadruped-walk,SAC,55,74,199,455,696,778
quadruped-walk,TD-MPC2,487,915,957,956,970,971
reacher-easy,DreamerV3,872,844,940,915,957,952
reacher-easy,SAC,540,715,918,914,978,985
reacher-easy,TD-MPC2,937,976,919,983,982,987
reacher-hard,DreamerV3,813,867,856,903,897,934
reacher-hard,SAC,161,197,517,928,964,944
reacher-hard,TD-MPC2,414,871,914,981,980,982
reacher-three-easy,DreamerV3,831,900,909,905,909,899
reacher-three-easy,SAC,427,611,848,911,945,947
reacher-three-easy,TD-MPC2,880,962,939,944,970,982
reacher-three-hard,DreamerV3,300,583,573,771,737,666
reacher-three-hard,SAC,84,386,376,434,636,854
reacher-three-hard,TD-MPC2,267,665,681,720,874,846
walker-run,DreamerV3,245,377,514,581,528,570
walker-run,SAC,340,489,604,635,657,687
walker-run,TD-MPC2,723,780,820,842,862,877
walker-run-backwards,DreamerV3,175,199,326,375,450,491
walker-run-backwards,SAC,206,319,388,409,449,482
walker-run-backwards,TD-MPC2,516,665,795,866,904,939
walker-stand,DreamerV3,885,931,864,930,950,960
walker-stand,SAC,341,739,939,949,981,794
walker-stand,TD-MPC2,981,978,957,991,992,993
walker-walk,DreamerV3,630,802,878,821,927,904
walker-walk,SAC,708,923,953,957,966,974
walker-walk,TD-MPC2,962,973,979,980,984,981
walker-walk-backwards,DreamerV3,624,729,770,773,879,900
walker-walk-backwards,SAC,565,789,860,863,876,907
walker-walk-backwards,TD-MPC2,953,963,978,977,984,984
)";

std::string_view cut(std::string_view& text, char separator) {
  const size_t end = std::min(text.find(separator), text.size());
  const std::string_view head = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return head;
}

}  // namespace

std::vector<PublishedCurve> published_curves(std::string_view task) {
  constexpr std::string_view kSuite = "dmc/";
  std::vector<PublishedCurve> curves;
  if (!task.starts_with(kSuite)) return curves;
  task.remove_prefix(kSuite.size());
  for (std::string_view table = kTable; !table.empty();) {
    std::string_view line = cut(table, '\n');
    if (cut(line, ',') != task) continue;
    PublishedCurve curve;
    curve.algorithm = cut(line, ',');
    for (const double steps : kSteps) {
      const std::string cell(cut(line, ','));
      if (cell.empty()) continue;
      curve.steps.push_back(steps);
      curve.returns.push_back(std::stod(cell));
    }
    curves.push_back(std::move(curve));
  }
  return curves;
}

}  // namespace reverie::evaluation
