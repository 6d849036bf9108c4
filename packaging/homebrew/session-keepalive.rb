# Keeps users signed in to their AI coding tools.
class SessionKeepalive < Formula
  desc "Keeps you signed in to your AI coding tools"
  homepage "https://www.npmjs.com/package/session-keepalive"
  url "https://registry.npmjs.org/session-keepalive/-/session-keepalive-0.1.0.tgz"
  sha256 "0000000000000000000000000000000000000000000000000000000000000000"
  license "MIT"

  depends_on "node"

  def install
    system "npm", "install", *std_npm_args
    # Not keepalived: that is another formula. keepalive starts the daemon by its file.
    bin.install_symlink libexec/"bin/keepalive", libexec/"bin/session-keepalive"
    man1.install_symlink libexec/"lib/node_modules/session-keepalive/dist/keepalive.1"
    generate_completions_from_executable(bin/"keepalive", "completion")
  end

  # It outlives an upgrade. The service of `keepalive service install` names the folder of one version.
  service do
    run [opt_bin/"keepalive", "run"]
    environment_variables PATH: "#{Dir.home}/.local/bin:#{std_service_path_env}"
    keep_alive crashed: true
    log_path var/"log/session-keepalive.log"
    error_log_path var/"log/session-keepalive.log"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/keepalive --version")
    # No daemon runs in the home of the test.
    shell_output("#{bin}/keepalive --home #{testpath} rpc kernel/info", 4)
  end
end
