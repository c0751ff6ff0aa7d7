/* SPDX-License-Identifier: MIT */
/* The numbers that all ConvNeXts share. */
#pragma once

enum { FEW_CONVNEXT_STAGES = 4, FEW_CONVNEXT_KERNEL = 7, FEW_CONVNEXT_STEM = 4 };
