// The ExternalSecret (external-secrets.io/v1) that brings a pipeline's credentials into its namespace.
#ifndef FUNCTION_MANIFEST_EXTERNAL_SECRET_H_
#define FUNCTION_MANIFEST_EXTERNAL_SECRET_H_

#include "function/base/json.h"
#include "function/release/composite.h"
#include "function/release/pipeline.h"
#include "function/release/settings.h"

namespace manifest {

base::Json ExternalSecret(const release::Composite& composite, const release::PipelineSpec& spec,
                          const release::Settings& settings);

}  // namespace manifest

#endif  // FUNCTION_MANIFEST_EXTERNAL_SECRET_H_
