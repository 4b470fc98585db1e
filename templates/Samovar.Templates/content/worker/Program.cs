// A service that runs jobs in worker processes. Start it with: dotnet run
//
// SIGTERM and Ctrl-C stop it: no new jobs start, the running ones complete, and those that still run after the shutdown timeout are killed.
// SamovarWorker.service is its systemd unit (Type=notify). In Kubernetes, terminationGracePeriodSeconds must exceed the timeout.

using Samovar;
using Samovar.Hosting;

ProcessWorker.RunIfWorker(args); // a program published as a single file or self-contained is its own worker; otherwise this does nothing

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddSystemd();
builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(30));
builder.Services.AddSamovar().AddProcessExecutor("jobs"); // appsettings.json sets its options: Samovar:Executors:jobs
builder.Services.AddHostedService<JobService>();

await builder.Build().RunAsync();
