// A certificates folder laid out as the kubelet does it: the files are links into `..data`, which is a link
// to the current generation and is replaced at once.
#ifndef TEST_SERVER_CERTS_FOLDER_H_
#define TEST_SERVER_CERTS_FOLDER_H_

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>

#include "test/server/certificates.h"

namespace test {

using FileTexts = std::map<std::string, std::string>;

inline FileTexts PkiFiles(const Pki& pki) {
  return {{"tls.crt", pki.server.pem}, {"tls.key", pki.server.key_pem}, {"ca.crt", pki.ca.pem}};
}

class CertsFolder {
 public:
  explicit CertsFolder(const FileTexts& files) {
    std::string name = (std::filesystem::temp_directory_path() / "certs-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
    Swap(files);
    for (const auto& file : files)
      std::filesystem::create_symlink("..data/" + file.first, path_ / file.first);
  }
  ~CertsFolder() { std::filesystem::remove_all(path_); }
  CertsFolder(const CertsFolder&) = delete;
  CertsFolder& operator=(const CertsFolder&) = delete;

  std::string path() const { return path_.string(); }

  void Swap(const FileTexts& files) {
    const std::string generation = "..generation-" + std::to_string(++generation_);
    std::filesystem::create_directory(path_ / generation);
    for (const auto& [name, text] : files) std::ofstream(path_ / generation / name, std::ios::binary) << text;
    std::filesystem::create_symlink(generation, path_ / "..data_tmp");
    std::filesystem::rename(path_ / "..data_tmp", path_ / "..data");
  }

  // Overwrites one file where it lies, as no atomic writer would.
  void Write(const std::string& name, const std::string& text) {
    std::ofstream(path_ / name, std::ios::binary | std::ios::trunc) << text;
  }

 private:
  std::filesystem::path path_;
  int generation_ = 0;
};

}  // namespace test

#endif  // TEST_SERVER_CERTS_FOLDER_H_
