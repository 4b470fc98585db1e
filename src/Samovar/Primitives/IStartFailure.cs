namespace Samovar.Primitives;

/// <summary>Marks an error that says that a worker could not be started.</summary>
internal interface IStartFailure;
