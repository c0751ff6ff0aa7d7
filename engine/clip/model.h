/* Inside FewModel, for the rooms that train on it. */
#pragma once
#include "config.h"

FewBackend *few_model_backend (const FewModel *model);
