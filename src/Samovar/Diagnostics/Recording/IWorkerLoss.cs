namespace Samovar.Diagnostics.Recording;

/// <summary>An exception that says that the worker of a task was lost: its process or its node.</summary>
internal interface IWorkerLoss;
