// Scene switches: what else MuJoCo draws of a world, by the keys of its own viewer.
#pragma once

#include <imgui.h>
#include <mujoco/mujoco.h>

#include <array>
#include <cstddef>

namespace reverie::viewer {

struct SceneSwitch {
  const char* name;
  ImGuiKey key;
  const char* shown_key;
  int flag;  // mjtVisFlag; of rendering ones mjtRndFlag
  bool rendering;
};

// All are off at first.
inline constexpr std::array kSceneSwitches{
    SceneSwitch{"contact points", ImGuiKey_C, "c", mjVIS_CONTACTPOINT, false},
    SceneSwitch{"contact forces", ImGuiKey_F, "f", mjVIS_CONTACTFORCE, false},
    SceneSwitch{"joints", ImGuiKey_J, "j", mjVIS_JOINT, false},
    SceneSwitch{"actuators", ImGuiKey_U, "u", mjVIS_ACTUATOR, false},
    SceneSwitch{"centres of mass", ImGuiKey_M, "m", mjVIS_COM, false},
    SceneSwitch{"inertia", ImGuiKey_I, "i", mjVIS_INERTIA, false},
    SceneSwitch{"cameras", ImGuiKey_Q, "q", mjVIS_CAMERA, false},
    SceneSwitch{"lights", ImGuiKey_Z, "z", mjVIS_LIGHT, false},
    SceneSwitch{"transparent", ImGuiKey_T, "t", mjVIS_TRANSPARENT, false},
    SceneSwitch{"wireframe", ImGuiKey_W, "w", mjRND_WIREFRAME, true},
};

// Which of them are on, in their order.
using SceneFlags = std::array<bool, kSceneSwitches.size()>;

}  // namespace reverie::viewer
