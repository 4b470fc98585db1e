namespace Samovar.Executors.Actors;

/// <summary>Marks the object whose method begins an actor in its worker process.</summary>
internal interface IActorBeginning;
