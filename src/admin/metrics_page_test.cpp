#include "admin/metrics_page.h"

#include "exchange/scene_test.h"

namespace sluice::admin::metrics_page_test {
namespace {

TEST(MetricsPage, ShowsWhatWasCountedAfterARefresh) {
  Metrics metrics;
  auto& gauge = metrics.gauge("test_level", "A level.", {}).find({});
  MetricsPage page(metrics, [&] { gauge.set(7); });
  Scene scene;
  EXPECT_TRUE(scene.run(page));
  EXPECT_EQ(scene.out.head.headers.get("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_NE(scene.out.bytes.find("test_level 7\n"), std::string::npos);
  EXPECT_TRUE(scene.out.bytes.ends_with("# EOF\n"));
  EXPECT_EQ(scene.rest.calls, 0);
}

}  // namespace
}  // namespace sluice::admin::metrics_page_test
