// Who may do what: the ServiceAccount that a tenant's pipeline scripts run as, and exactly the rights they
// need.
#ifndef FUNCTION_MANIFEST_ACCESS_H_
#define FUNCTION_MANIFEST_ACCESS_H_

#include "function/base/json.h"
#include "function/release/composite.h"
#include "function/release/pipeline.h"
#include "function/release/settings.h"

namespace manifest {

base::Json ServiceAccount(const release::Composite& composite, const release::PipelineSpec& spec,
                          const release::Settings& settings);

// In the namespace. Every rule names its objects, but for Jobs: the name of a gate's Job has the hash of what
// the gate is about in it, so nobody knows it beforehand, and reading Jobs gives nothing away.
base::Json Role(const release::Composite& composite, const release::PipelineSpec& spec);
base::Json RoleBinding(const release::Composite& composite, const release::PipelineSpec& spec);

// For the claims flavour, in which the XR itself is cluster-scoped.
base::Json ClusterRole(const release::Composite& composite, const release::PipelineSpec& spec);
base::Json ClusterRoleBinding(const release::Composite& composite, const release::PipelineSpec& spec);

}  // namespace manifest

#endif  // FUNCTION_MANIFEST_ACCESS_H_
