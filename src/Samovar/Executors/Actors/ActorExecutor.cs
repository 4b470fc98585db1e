using Samovar.Tasks.Core;

namespace Samovar.Executors.Actors;

/// <summary>The executor that runs the calls of one actor.</summary>
internal sealed class ActorExecutor(ExecutorCore core) : Executor(core);
