# The third-party libraries, all of them Debian packages and all of them linked from their static archives, so
# that tests and release binary run the same code. (No pkg-config: its answers name the shared objects.)
find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)
find_program(GRPC_CPP_PLUGIN grpc_cpp_plugin REQUIRED)

function(frp_static_library out name)
  find_library(${out} NAMES lib${name}.a REQUIRED)
endfunction()

file(GLOB archives ${CMAKE_FIND_ROOT_PATH}/usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/libabsl_*.a)
foreach(archive ${archives})
  get_filename_component(name ${archive} NAME)
  if(FRP_LIBRARIES AND EXISTS ${FRP_LIBRARIES}/${name})
    set(archive ${FRP_LIBRARIES}/${name})
  endif()
  list(APPEND ABSL_ARCHIVES ${archive})
endforeach()
add_library(absl_static INTERFACE)
target_link_libraries(absl_static INTERFACE -Wl,--start-group ${ABSL_ARCHIVES} -Wl,--end-group Threads::Threads)

foreach(lib protobuf grpc++ grpc++_reflection grpc gpr upb address_sorting cares re2 z ssl crypto yaml-cpp
            event_core event_extra event_pthreads)
  string(MAKE_C_IDENTIFIER ${lib} id)
  frp_static_library(LIB_${id} ${lib})
endforeach()

add_library(crypto_static INTERFACE)
target_link_libraries(crypto_static INTERFACE ${LIB_crypto} ${CMAKE_DL_LIBS})

add_library(protobuf_static INTERFACE)
target_link_libraries(protobuf_static INTERFACE ${LIB_protobuf} ${LIB_z} Threads::Threads)

add_library(grpc_static INTERFACE)
# The reflection service registers itself, so nothing refers to it: it needs the whole archive.
target_link_libraries(grpc_static INTERFACE
  -Wl,--whole-archive ${LIB_grpc___reflection} -Wl,--no-whole-archive
  -Wl,--start-group ${LIB_grpc__} ${LIB_grpc} ${LIB_gpr} ${LIB_upb} ${LIB_address_sorting} ${LIB_cares} ${LIB_re2}
  ${LIB_z} ${LIB_ssl} ${LIB_crypto} ${LIB_protobuf} ${ABSL_ARCHIVES} -Wl,--end-group
  Threads::Threads ${CMAKE_DL_LIBS})

add_library(event_static INTERFACE)
target_link_libraries(event_static INTERFACE ${LIB_event_extra} ${LIB_event_core} ${LIB_event_pthreads} Threads::Threads)

add_library(yaml_static INTERFACE)
target_link_libraries(yaml_static INTERFACE ${LIB_yaml_cpp})
